import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tableChecks, type TableChecks } from '../../core/checks.ts';
import type { Manifest } from '../../core/manifest.ts';
import type { ResolvedTable } from '../../core/pipeline.ts';
import { resolvePipeline } from '../../core/resolve.ts';
import type { PastLoad } from '../../connectors/ledger/port.ts';
import { checkLoad } from './index.ts';
import { expectedRows, isWithin } from './volume.ts';

const day = (from: number, to = from + 1) => {
  const at = (n: number) => `${new Date(Date.UTC(2024, 2, n)).toISOString().slice(0, 19)}Z`;
  return { start: at(from), end: at(to) };
};
const extracts = {
  interval: { mode: 'interval', cursor: 'at' },
  incremental: { mode: 'incremental', cursor: 'at' },
  snapshot: { mode: 'snapshot' },
  changes: { mode: 'changes' },
} as const;

function aTable(checks: TableChecks, mode: keyof typeof extracts = 'interval', more: object = {}) {
  const table = { domain: 'sales', extract: extracts[mode], primaryKey: ['id'], checks, ...more };
  const [resolved] = resolvePipeline({
    name: 'shop',
    description: 'a shop',
    schedule: 'manual',
    start: '2024-01-01',
    source: 'shop',
    tables: { orders: table },
  }).tables;
  if (!resolved) throw new Error('no table');
  return resolved;
}

/** What is found of a load over `interval`, after loads of `past` (rows by day of March, or whole loads). */
async function look(
  table: ResolvedTable,
  manifest: Partial<Manifest>,
  past: readonly (Omit<PastLoad, 'madeTarget'> & { madeTarget?: boolean })[] = [],
  interval = day(20),
  isThere = true,
) {
  const said: string[] = [];
  const asked: { start: Date; end: Date }[] = [];
  const ledger = {
    loadsBefore: (_pipeline: string, _table: string, span: { start: Date; end: Date }) => {
      asked.push(span);
      return Promise.resolve(past.map((load) => ({ madeTarget: false, ...load })));
    },
  };
  const run = { runId: 'r', workflowId: 'w', pipeline: 'shop', interval };
  const whole = {
    loadId: 'l1',
    interval,
    rows: 0,
    highWaterMark: null,
    cursor: undefined,
    ...manifest,
  } as Manifest;
  const found = await checkLoad(
    ledger,
    { run, table, manifest: whole, isThere: () => Promise.resolve(isThere) },
    (line) => said.push(line),
  ).catch((error: unknown) => (error as Error).message);
  return { found: typeof found === 'string' ? found : found.map(({ text }) => text), said, asked };
}
const week = (rows: number) => [13, 14, 15, 16, 17, 18, 19].map((n) => ({ interval: day(n), rows }));

describe('minRows', () => {
  it('refuses a load with fewer rows, or tells of it', async () => {
    expect((await look(aTable({ minRows: 10 }), { rows: 10 })).found).toEqual([]);
    expect((await look(aTable({ minRows: 10 }), { rows: 9 })).found).toBe(
      `shop.orders: load l1 was not brought into the warehouse:\n` +
        `  - minRows (error): the load has 9 rows, 'minRows' asks for 10. Look why the source has so few, or lower 'minRows'.`,
    );
    const warned = await look(aTable({ minRows: { rows: 10, severity: 'warn' } }), { rows: 9 });
    expect(warned.found).toEqual([expect.stringContaining('the load has 9 rows')]);
  });

  it('is that of a table that says it itself, also of one that was recorded before there were checks', async () => {
    const before = Object.fromEntries(
      Object.entries(aTable({})).filter(([field]) => field !== 'checks'),
    ) as unknown as ResolvedTable;
    expect((await look({ ...before, minRows: 2 }, { rows: 1 })).found).toContain('minRows (error)');
    expect((await look(aTable({}, 'interval', { minRows: 2 }), { rows: 1 })).found).toContain('minRows');
  });
});

describe('volume', () => {
  const checks = { volume: { within: '30%', of: '7 days', severity: 'warn' } } as const;

  it('finds a load that has more or fewer rows than the days before make one expect', async () => {
    const of = async (rows: number) => (await look(aTable(checks), { rows }, week(100))).found;
    expect(await of(100)).toEqual([]);
    expect(await of(70)).toEqual([]);
    expect(await of(130)).toEqual([]);
    expect(await of(69)).toEqual([
      expect.stringMatching(/69 rows, those of the 7 days before make 100 .*few/),
    ]);
    expect(await of(131)).toEqual([expect.stringMatching(/131 rows.*so many/)]);
  });

  it('measures rows by the length of the interval, but for snapshots and windows', async () => {
    const table = aTable(checks);
    expect((await look(table, { rows: 700 }, week(100), day(20, 27))).found).toEqual([]);
    expect((await look(table, { rows: 100 }, week(100), day(20, 27))).found).toHaveLength(1);
    expect((await look(aTable(checks, 'snapshot'), { rows: 100 }, week(100), day(20, 27))).found).toEqual([]);
    const windowed = aTable(checks, 'interval', { window: { span: '30 days' } });
    expect((await look(windowed, { rows: 100 }, week(100), day(20, 27))).found).toEqual([]);
  });

  it('goes by the time before the interval, whenever it is run, and compares nothing while that is not known', async () => {
    const { asked, said, found } = await look(aTable(checks), { rows: 5 }, week(100).slice(0, 3));
    expect(asked).toEqual([{ start: new Date(day(13).start), end: new Date(day(20).start) }]);
    expect(found).toEqual([]);
    expect(said).toEqual(['volume: not compared, as loads cover less than half of the 7 days before']);
    expect((await look(aTable(checks), { rows: 5 }, week(100).slice(0, 4))).found).toHaveLength(1);
  });

  it('does not compare the first load of a table, nor one of a window that holds all there was, nor with that', async () => {
    const first = await look(aTable(checks), { rows: 9 }, week(100), day(20), false);
    expect(first.found).toEqual([]);
    expect(first.said).toEqual(['volume: not compared, as it is the first load of its table']);
    const window = aTable(checks, 'interval', { window: { span: '2 days' } });
    const past = week(100).map((load, n) => (n ? load : { ...load, rows: 90_000, madeTarget: true }));
    expect((await look(window, { rows: 100 }, past)).found).toEqual([]);
    expect((await look(window, { rows: 9_000, interval: day(18, 20) }, past)).found).toHaveLength(1);
    // An attempt that comes after the table was made.
    expect((await look(window, { rows: 9_000, interval: day(1, 20) }, past)).found).toEqual([]);
    expect((await look(aTable(checks), { rows: 100 }, past)).found).toHaveLength(1);
  });

  it('is refused of a mode that reads what is new, whose rows are of no set time; one that was recorded is not compared', async () => {
    for (const [mode, primaryKey] of [
      ['incremental', ['id']],
      ['changes', ['id']],
    ] as const)
      expect(() => aTable(checks, mode, { primaryKey })).toThrow(
        `tables.orders.checks.volume: does not go with extract mode '${mode}'`,
      );
    const recorded = { ...aTable({}, 'incremental'), checks: aTable(checks).checks } as ResolvedTable;
    const { found, said } = await look(recorded, { rows: 9_000 }, week(100));
    expect(found).toEqual([]);
    expect(said).toEqual([expect.stringContaining('not compared, as what is new is read up to the moment')]);
  });

  it('expects what is exact where loads have the same rows for a time, however they are cut', () => {
    const cuts = fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(
        cuts,
        fc.integer({ min: 0, max: 1_000 }),
        fc.integer({ min: 1, max: 9 }),
        (days, rate, length) => {
          let at = 1;
          const past = days.map((n) => ({ interval: day(at, (at += n)), rows: rate * n }));
          const expected = expectedRows(past, day(at, at + length));
          expect(expected).toBeCloseTo(rate * length, 6);
          expect(isWithin(rate * length, rate * length, 0.001)).toBe(true);
          expect(isWithin(rate * length * 2 + 1, expected, 100)).toBe(false);
        },
      ),
    );
  });
});

describe('freshness', () => {
  const checks = { freshness: { maxAge: '6 hours' } } as const;
  const at = (type: 'timestamptz' | 'timestamp' | 'date' | 'number') => ({ column: 'at', type });
  const of = async (manifest: Partial<Manifest>, past: Parameters<typeof look>[2] = []) =>
    (await look(aTable(checks, 'incremental'), { rows: 1, ...manifest }, past)).found;

  it('goes by the newest row at the end of the interval, in the zone of its cursor', async () => {
    const utc = { cursor: at('timestamptz') };
    expect(await of({ ...utc, highWaterMark: '2024-03-20 18:00:00+00' })).toEqual([]);
    expect(await of({ ...utc, highWaterMark: '2024-03-20 17:59:59.999+00' })).toContain(
      `freshness (error): the newest row by 'at' is older than 6 hours at the end of the interval.`,
    );
    const local = { cursor: at('timestamp'), timezone: 'Asia/Bangkok' };
    expect(await of({ ...local, highWaterMark: '2024-03-21 01:00:00' })).toEqual([]);
    expect(await of({ ...local, highWaterMark: '2024-03-21 00:59:59' })).toContain('freshness');
    expect(await of({ cursor: at('date'), highWaterMark: '2024-03-20' })).toEqual([]);
    expect(await of({ cursor: at('date'), highWaterMark: '2024-03-19' })).toContain('freshness');
  });

  it('goes on from the mark before, or from the loads before, where a load has no row', async () => {
    const none = { rows: 0, highWaterMark: null };
    expect(await of({ ...none, cursor: at('timestamp'), since: '2024-03-20 20:00:00' })).toEqual([]);
    expect(await of({ ...none, cursor: at('timestamp'), since: '2024-03-19 20:00:00' })).toContain(
      'freshness',
    );
    expect(await of(none)).toContain('freshness');
    const recent = { start: '2024-03-20T18:00:00Z', end: '2024-03-20T19:00:00Z' };
    expect(await of(none, [{ interval: recent, rows: 3 }])).toEqual([]);
    expect(await of(none, [{ interval: day(20), rows: 0 }])).toContain('freshness');
  });

  it('goes by the newest row of a load before, not by where its interval ends', async () => {
    const none = { rows: 0, highWaterMark: null };
    const load = { interval: day(20), rows: 3 };
    const newest = (at: string, type: 'timestamptz' | 'timestamp' = 'timestamptz') => [
      { ...load, newest: { at, type } },
    ];
    expect(await of(none, newest('2024-03-20 18:00:00+00'))).toEqual([]);
    expect(await of(none, newest('2024-03-20 17:59:59+00'))).toContain('freshness');
    const zone = { ...none, timezone: 'Asia/Bangkok' };
    expect(await of(zone, newest('2024-03-21 01:00:00', 'timestamp'))).toEqual([]);
    expect(await of(zone, newest('2024-03-21 00:59:59', 'timestamp'))).toContain('freshness');
    // A load of an older version says no more than its interval: one that began before may hold older rows alone.
    expect(await of(none, [load])).toContain('freshness');
  });

  it('says of a cursor that is no time that it tells no age', async () => {
    expect(await of({ cursor: at('number'), highWaterMark: '12' })).toContain(`its cursor 'at' is no time`);
  });
});

describe('what a definition says of checks', () => {
  const problems = (written: unknown) =>
    tableChecks.safeParse(written).error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);

  it('is refused with every problem, each with its field', () => {
    expect(
      problems({
        volume: { within: '0%', of: '7 dys' },
        minRows: -1,
        freshnes: {},
        landed: { severity: 'info' },
      }),
    ).toEqual([
      `landed.severity: must be one of 'warn', 'error', not 'info'`,
      'minRows.rows: must be at least 0',
      `volume.within: must be a share like '30%'`,
      expect.stringContaining(`volume.of: must be a duration like`),
      `: knows no 'freshnes'`,
    ]);
  });

  it('takes no freshness by cursor where there is none, and no rows said twice', () => {
    const freshness = { freshness: { maxAge: '1 day' } } as const;
    expect(() => aTable(freshness, 'snapshot')).toThrow(
      /tables\.orders\.checks\.freshness: goes by a cursor, and extract mode 'snapshot' has none/,
    );
    expect(() => aTable({ minRows: 1 }, 'interval', { minRows: 2 })).toThrow(
      `tables.orders.minRows: is said in 'checks' as well`,
    );
  });
});
