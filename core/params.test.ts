import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InvalidInput } from './errors.ts';
import type { ParamDefinition } from './params.ts';
import { paramsOf } from './params.ts';
import { resolvePipeline } from './resolve.ts';
import { resolveAll } from './registry.ts';
import { resolveRequest } from './run-request.ts';

const written = {
  name: 'shop',
  description: 'a shop',
  schedule: { cron: '0 0 * * *', timezone: 'UTC' },
  start: '2024-01-01',
  tasks: { sweep: { script: ['true'] } },
};
const declared = (params: Record<string, unknown>, schedule: unknown = written.schedule) =>
  resolvePipeline({ ...written, schedule, params }).params;
const problemsOf = (work: () => unknown): readonly string[] => {
  try {
    work();
    return [];
  } catch (error) {
    if (error instanceof InvalidInput) return error.problems;
    throw error;
  }
};
const region = { type: 'string', enum: ['eu', 'us'], default: 'eu' };
const days = { type: 'integer', min: 1, max: 90, default: 30 };

describe('what a run is given', () => {
  it('is what was given, and defaults, as text; what has neither is absent', () => {
    const params = declared({
      region,
      days,
      since: { type: 'date' },
      dry: { type: 'boolean', default: false },
    });
    expect(paramsOf(params)).toEqual({ params: { region: 'eu', days: '30', dry: 'false' }, problems: [] });
    const given = { region: 'us', days: '007', since: '2024-02-29', dry: 'true' };
    expect(paramsOf(params, given).params).toEqual({ ...given, days: '7' });
  });

  it('is refused with all that is wrong, by name, with the nearest that is known, and without the values', () => {
    const params = declared({
      region,
      days,
      since: { type: 'date', min: '2024-01-01' },
      note: { type: 'string', max: 5 },
    });
    const { problems } = paramsOf(params, {
      regoin: 'us',
      region: 'secret',
      days: '91',
      since: '2024-02-30',
      note: 'six...',
    });
    expect(problems).toEqual([
      `params.regoin: there is no such parameter; is 'region' meant?`,
      `params.region: must be one of 'eu', 'us'.`,
      'params.days: must be a whole number from 1 to 90.',
      'params.since: must be a day like 2018-08-01 from 2024-01-01.',
      'params.note: must be a text of at most 5 characters.',
    ]);
    expect(paramsOf(declared({}), { any: 'x' }).problems).toEqual([
      'params.any: there is no such parameter; the pipeline takes none.',
    ]);
  });

  it('is as it was where the pipeline declares nothing', () => {
    expect(paramsOf(undefined, { any: '007' })).toEqual({ params: { any: '007' }, problems: [] });
    expect(resolvePipeline(written).params).toBeUndefined();
  });

  it('is every number that its bounds allow, and no other', () => {
    const bounds = fc.tuple(fc.integer(), fc.integer(), fc.integer());
    fc.assert(
      fc.property(bounds, ([a, b, value]) => {
        const [min, max] = [Math.min(a, b), Math.max(a, b)];
        const { params, problems } = paramsOf({ n: { type: 'integer', min, max } }, { n: String(value) });
        expect(problems.length === 0).toBe(value >= min && value <= max);
        if (!problems.length) expect(Number(params['n'])).toBe(value);
      }),
    );
    for (const text of ['', ' 1', '1 ', '0x1', '1e999', 'NaN', 'Infinity', '1.5', '9007199254740993'])
      expect(paramsOf({ n: { type: 'integer' } }, { n: text }).problems).toHaveLength(1);
  });

  it('is the very number that was given, or refused: none is rounded', () => {
    const of = (type: 'number' | 'integer', n: string) => paramsOf({ n: { type } }, { n }).params['n'];
    for (const [given, handed] of [
      ['0.1', '0.1'],
      ['0.10', '0.1'],
      ['+1e3', '1000'],
      ['-0', '0'],
      ['.5', '0.5'],
      ['1e-7', '1e-7'],
    ] as const)
      expect(of('number', given)).toBe(handed);
    for (const given of ['9007199254740993', '0.12345678901234567890', '1e-400', '1e400'])
      expect(of('number', given)).toBeUndefined();
    expect(of('integer', '9007199254740990.6')).toBeUndefined();
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (n) => {
        expect(of('number', String(n))).toBe(String(n));
      }),
    );
  });

  it('is looked at before anything is started, beside the default of a schedule', () => {
    const registry = resolveAll([{ ...written, params: { region } }]);
    const ask = (params?: Record<string, string>) =>
      resolveRequest(registry, { pipeline: 'shop', ...(params && { params }) }, '2024-03-01T00:00:00Z');
    expect(ask().params).toEqual({ region: 'eu' });
    expect(problemsOf(() => ask({ region: 'mars', reg: 'eu' }))).toEqual([
      expect.stringContaining('params.reg: there is no such parameter'),
      `params.region: must be one of 'eu', 'us'.`,
    ]);
  });
});

describe('what a definition declares', () => {
  it('must hold itself: every problem is said with its field', () => {
    const params = {
      'not a name': { type: 'string' },
      region: { ...region, default: 'mars' },
      Region: { type: 'string' },
      days: { ...days, min: 100 },
      both: { type: 'string', default: 'x', required: true },
    };
    expect(problemsOf(() => declared(params, 'manual'))).toEqual([
      `params.not a name: "not a name" is no name for a variable; take letters, digits and _.`,
      `params.region.default: must be one of 'eu', 'us'.`,
      `params.days.min: must not be greater than 'max'.`,
      'params.days.default: must be a whole number from 100 to 90.',
      'params.both.required: has a default, so a run never lacks it; leave one of them out.',
      `params.Region: differs from 'region' in case alone.`,
    ]);
    expect(problemsOf(() => declared({ x: { type: 'int' } }))[0]).toMatch(
      /params\.x\.type: must be one of 'string'/,
    );
  });

  it('must hold values that can be given: limits fit the type, what is listed the limits, and defaults hold as values do', () => {
    const params = {
      a: { type: 'integer', enum: [1, 1.5] },
      b: { type: 'integer', min: 1.2, max: 1.8 },
      c: { type: 'number', enum: [1, 5], min: 2 },
      d: { type: 'string', enum: ['eu', 'world'], max: 2 },
      e: { type: 'string', default: 'a\0b' },
    };
    expect(problemsOf(() => declared(params, 'manual'))).toEqual([
      'params.a.enum: holds 1.5, which must be a whole number.',
      'params.b.min: must be a whole number.',
      'params.b.max: must be a whole number.',
      'params.c.enum: holds 1, which must be a number from 2.',
      'params.d.enum: holds "world", which must be a text of at most 2 characters.',
      'params.e.default: must not hold a NUL character.',
    ]);
  });

  it('may require only what somebody gives: a schedule gives nothing', () => {
    const needed = { day: { type: 'date', required: true } };
    expect(problemsOf(() => declared(needed))).toEqual([
      `params.day.required: runs of the schedule are given none. Give it a default, or make the schedule 'manual'.`,
    ]);
    expect(paramsOf(declared(needed, 'manual')).problems).toEqual([
      'params.day: is missing; it must be a day like 2018-08-01.',
    ]);
  });

  it('is checked by types where it is written', () => {
    const fits = (param: ParamDefinition) => param;
    fits({ type: 'string', default: 'eu' });
    // @ts-expect-error a number is no text
    fits({ type: 'string', default: 1 });
    // @ts-expect-error there is nothing between true and false
    fits({ type: 'boolean', min: 1 });
  });
});
