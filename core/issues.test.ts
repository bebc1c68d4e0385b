import { describe, expect, it } from 'vitest';
import { InvalidInput } from './errors.ts';
import { resolvePipeline } from './resolve.ts';

function problemsOf(written: object): readonly string[] {
  try {
    resolvePipeline(written);
  } catch (error) {
    if (error instanceof InvalidInput) return error.problems;
    throw error;
  }
  return [];
}

describe('a value that does not fit', () => {
  it('is told in plain words, with what the field takes', () => {
    const extract = { mode: 'sometimes' };
    const table = { domain: 4, extract, primaryKey: [], minRows: -1, typo: 1, types: { id: 'int' } };
    expect(
      problemsOf({
        name: 'shop',
        schedule: { cron: 5 },
        start: '2026-01-01',
        source: null,
        tables: { orders: table },
        tasks: { score: { script: [1] } },
        concurrency: 1.5,
        onConflict: 'no',
      }),
    ).toEqual([
      'description: must be a text; it is missing.',
      'schedule.cron: must be a text, not a number.',
      'schedule.timezone: must be a text; it is missing.',
      'source: must be a text, not null.',
      'tables.orders.domain: must be a text, not a number.',
      expect.stringMatching(
        /^tables\.orders\.extract\.mode: must be one of 'interval', .+, not 'sometimes'\.$/,
      ),
      'tables.orders.primaryKey: must hold at least 1.',
      'tables.orders.types.id: must be a type such as int64, string, timestamptz or decimal(12,2).',
      'tables.orders.minRows: must be at least 0.',
      `tables.orders: knows no 'typo'.`,
      'tasks.score.script.0: must be a text, not a number.',
      'concurrency: must be a whole number, not 1.5.',
      `onConflict: must be one of 'wait', 'fail', not 'no'.`,
    ]);
  });

  it('hides nothing of what is wrong with the rest', () => {
    const extract = { mode: 'incremental', cursor: 'at' };
    expect(
      problemsOf({
        name: 'shop',
        schedule: 'manual',
        start: '2026-01-01',
        source: 'shop',
        typo: 1,
        tables: {
          orders: { domain: 'sales', extract },
          clicks: { domain: 5, extract, primaryKey: ['id'] },
        },
        tasks: {
          a: { run: 'a', after: ['clicks'] },
          b: { run: 'b', after: ['nowhere'] },
          c: { run: 5 },
          d: { run: 'd', after: ['c'] },
        },
      }),
    ).toEqual([
      'description: must be a text; it is missing.',
      'tables.clicks.domain: must be a text, not a number.',
      'tasks.c.run: must be a text, not a number.',
      `definition: knows no 'typo'.`,
      `tables.orders.primaryKey: write 'merge' needs the columns that identify a row.`,
      expect.stringContaining(`'nowhere'`),
    ]);
  });

  it('is never told in the words of the library', () => {
    for (const value of [undefined, null, 1, -1, NaN, '', 'x', [], {}, true])
      for (const field of [
        'name',
        'schedule',
        'start',
        'tables',
        'tasks',
        'transform',
        'freshness',
        'attempts',
        'defaults',
      ])
        for (const problem of problemsOf({ name: 'shop', [field]: value }))
          expect(problem).not.toMatch(/Invalid|expected|received|Unrecognized|Too /);
  });
});
