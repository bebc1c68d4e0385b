import { describe, expect, it } from 'vitest';
import { resolvePipeline } from './resolve.ts';
import { mustBeRunnable, nothingDue, resolveRequest } from './run-request.ts';
import type { RunPipelineInput } from './run-input.ts';
import type { Schedule } from './schedule.ts';

const NOW = '2026-04-01T00:00:00Z';
const aRegistry = (schedule: Schedule | 'manual', start = '2026-03-01') =>
  new Map([
    [
      'shop',
      resolvePipeline({
        name: 'shop',
        description: 'A shop',
        schedule,
        start,
        source: 'shop',
        tables: { orders: { domain: 'sales', extract: { mode: 'snapshot' } } },
      }),
    ],
  ]);
const newYork = aRegistry({ cron: '0 0 * * *', timezone: 'America/New_York', delay: '3 hours' });
const asked = (registry: typeof newYork, input: Partial<RunPipelineInput>, at = NOW) =>
  resolveRequest(registry, { pipeline: 'shop', ...input }, at);
const due = (registry: typeof newYork, at: string, input: Partial<RunPipelineInput> = {}) =>
  nothingDue(registry, { pipeline: 'shop', kind: 'scheduled', ...input }, at);

describe('a start by a schedule', () => {
  const scheduled = (at: string) => asked(newYork, { kind: 'scheduled' }, at).interval;

  it('runs the interval that is due at its time, and has nothing to do at other wakes', () => {
    // On 8 March 2026 the clock goes forward: due 3 hours of elapsed time after midnight, whatever the clock shows.
    for (const at of ['2026-03-08T08:00:00Z', '2026-03-09T07:00:00Z'])
      expect(due(newYork, at)).toBeUndefined();
    expect(scheduled('2026-03-08T08:00:00Z')).toEqual({
      start: '2026-03-07T05:00:00Z',
      end: '2026-03-08T05:00:00Z',
    });
    expect(scheduled('2026-03-09T07:00:00Z')).toEqual({
      start: '2026-03-08T05:00:00Z',
      end: '2026-03-09T04:00:00Z',
    });
    for (const at of ['2026-03-08T07:00:00Z', '2026-03-09T08:00:00Z'])
      expect(due(newYork, at)).toContain(`Nothing of shop is due at ${at}`);
  });

  it('at any other time was triggered, and runs the last interval that has ended', () => {
    expect(due(newYork, '2026-03-09T12:34:56Z')).toBeUndefined();
    expect(scheduled('2026-03-09T12:34:56Z').end).toBe('2026-03-09T04:00:00Z');
  });

  it('runs the interval that holds the start, and none before', () => {
    const registry = aRegistry({ cron: '0 0 * * *', timezone: 'UTC' }, '2026-03-05T12:00');
    expect(due(registry, '2026-03-05T00:00:00Z')).toContain('2026-03-04Z/2026-03-05Z ends before its start');
    expect(due(registry, '2026-03-06T00:00:00Z')).toBeUndefined();
  });

  it("goes by the schedule that it was deployed with, not by today's", () => {
    const schedule = { cron: '0 6 * * *', timezone: 'UTC' } as const;
    const input = { kind: 'scheduled', schedule, start: '2026-03-01T00:00:00Z' } as const;
    for (const registry of [newYork, aRegistry('manual')]) {
      expect(due(registry, '2026-03-09T06:00:00Z', input)).toBeUndefined();
      expect(asked(registry, input, '2026-03-09T06:00:00Z').interval).toEqual({
        start: '2026-03-08T06:00:00Z',
        end: '2026-03-09T06:00:00Z',
      });
    }
  });
});

describe('an interval that the schedule of today does not have', () => {
  const old = '2026-03-02T06:00:00Z/2026-03-03T06:00:00Z';

  it.each(['rerun', 'backfill', 'scheduled'] as const)('is run where Sluice asks for it: %s', (kind) => {
    expect(asked(newYork, { kind, interval: old })).toMatchObject({
      interval: { start: '2026-03-02T06:00:00Z', end: '2026-03-03T06:00:00Z' },
    });
    expect(asked(newYork, { kind, interval: old })).not.toHaveProperty('objection');
  });

  it('is run for people where it was run before, else refused with the nearest bounds', async () => {
    const request = asked(newYork, { kind: 'manual', interval: old });
    await mustBeRunnable(request, () => Promise.resolve(['a run']));
    await expect(mustBeRunnable(request, () => Promise.resolve([]))).rejects.toThrow(
      'nearest bounds are 2026-03-02T05:00:00Z and 2026-03-03T05:00:00Z',
    );
  });

  it('is refused at once where only its start is given', () => {
    expect(() => asked(newYork, { interval: '2026-03-02T06:00:00Z' })).toThrow('nearest bounds');
  });
});

describe('a pipeline without schedule', () => {
  const manual = aRegistry('manual');

  it('takes an interval of any bounds', () => {
    expect(asked(manual, { interval: '2026-03-01/2026-03-01T12:00' }).interval).toEqual({
      start: '2026-03-01T00:00:00Z',
      end: '2026-03-01T12:00:00Z',
    });
  });

  it.each(['2026-03-01', '2026-03-01/2026-03-02/2026-03-03', undefined])('refuses %s', (interval) => {
    expect(() => asked(manual, interval === undefined ? {} : { interval })).toThrow(
      /needs one, like|START\/END/,
    );
  });
});

describe('a run of files', () => {
  const table = {
    domain: 'web',
    extract: { mode: 'files', format: 'csv', columns: { id: 'int64' } },
  } as const;
  const inbox = new Map([
    [
      'shop',
      resolvePipeline({
        name: 'shop',
        description: 'what arrives',
        schedule: { onFiles: { place: 'in' } },
        start: '2026-03-01',
        source: 'inbox',
        tables: { clicks: table, views: table },
      }),
    ],
  ]);
  const interval = '2026-03-01T00:00:00Z/2026-03-01T00:00:01Z';

  it('takes the batches of its interval only where it reads all of them anew', () => {
    const takes = (input: Partial<RunPipelineInput>) => asked(inbox, { interval, ...input }).takesFiles;
    expect(takes({})).toBe(true);
    expect(takes({ tables: ['views', 'clicks'] })).toBe(true);
    expect(takes({ tables: ['clicks'] })).toBeUndefined();
    expect(takes({ fromStep: 'load' })).toBeUndefined();
    expect(takes({ resume: 'r1' })).toBeUndefined();
  });
});
