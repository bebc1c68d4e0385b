import { beforeAll, describe, expect, it } from 'vitest';
import { aRun, march, ran, shop } from '../../connectors/ledger/postgres/fixtures.ts';
import type { PostgresLedger } from '../../connectors/ledger/postgres/ledger.ts';
import { usePages } from '../pages-harness.ts';
import { groupsOf, tickOf } from './axis.ts';
import { gridData, PAGE, type Column } from './data.ts';

const registry = new Map([['shop', shop]]);
const own = usePages('web_grid', registry);
const LOADS = ['orders', 'clicks', 'prices'];
const NOON = new Date('2024-03-21T12:00:00Z');
let ledger: PostgresLedger;
beforeAll(() => {
  ledger = own.ledger();
});
const grid = (asked = {}) => gridData(ledger, registry, 'shop', asked, NOON);
const shown = (columns: readonly Column[]) =>
  columns.map((column) =>
    'run' in column ? column.run.runId : `${column.missing} from ${column.interval.start.slice(8, 10)}`,
  );

describe('the grid of a pipeline', () => {
  it('shows intervals that were not run between those that were, one by one while they are few', async () => {
    for (const day of [1, 4]) await ran(ledger, aRun(`day ${day}`, march(day)), LOADS);
    for (const day of [18, 20]) await ran(ledger, aRun(`day ${day}`, march(day)), LOADS);
    const { columns } = await grid();
    expect(shown(columns)).toEqual([
      'day 20',
      '1 from 19',
      'day 18',
      '13 from 05',
      'day 4',
      '1 from 03',
      '1 from 02',
      'day 1',
    ]);
  });

  it('names the tables that an interval lacks though it was run', async () => {
    await ran(ledger, aRun('half', march(20)), ['orders', 'prices']);
    const { columns } = await grid();
    expect(columns[0]).toMatchObject({ lacking: ['clicks'] });
    expect(await own.pages().text('/pipelines/shop')).toContain('not loaded: clicks');
  });

  it('counts how the steps of a kind stand, and shows them by table when it is asked to', async () => {
    await ledger.openRun(aRun('mixed', march(20)));
    for (const table of LOADS) await ledger.startStep('mixed', 'load', table, 1);
    await ledger.finishStep('mixed', 'load', 'orders', 1, { result: {}, rows: 5, bytes: 1 });
    await ledger.finishStep('mixed', 'load', 'clicks', 1, { error: 'no', outcome: 'failed' });
    const { columns, marks } = await grid({ expanded: 'load' });
    expect(columns[0]).toMatchObject({
      steps: { load: { succeeded: 1, failed: 1, running: 1, skipped: 0, rows: 5 } },
    });
    expect([...marks].map(([table, row]) => [table, row.get('mixed')])).toEqual([
      ['clicks', 'failed'],
      ['orders', 'succeeded'],
      ['prices', 'running'],
    ]);
    const html = await own.pages().text('/pipelines/shop?expand=load');
    expect(html).toContain('aria-label="load: 1 succeeded, 1 failed, 1 running, 5 rows"');
    expect(html).toContain('aria-label="clicks: failed"');
  });

  it('has every interval on one page, and every gap', async () => {
    const total = PAGE * 2 + 7;
    const day = (n: number) => ({ start: at(n), end: at(n + 1) });
    const at = (n: number) => new Date(Date.UTC(2024, 2, 1 + n)).toISOString().slice(0, 19) + 'Z';
    const gone = new Set([PAGE - 1, PAGE, PAGE + 20]);
    for (let n = 0; n < total; n += 1) if (!gone.has(n)) await ran(ledger, aRun(at(n), day(n)), LOADS);
    const now = new Date(Date.UTC(2024, 2, 1 + total, 12));
    const starts: string[] = [];
    let pages = 0;
    for (let before: string | undefined; ; pages += 1) {
      const { columns, older } = await gridData(ledger, registry, 'shop', { before }, now);
      starts.push(...columns.map(({ interval }) => interval.start));
      if (older === null) break;
      before = older;
    }
    expect(starts).toEqual(Array.from({ length: total }, (_, n) => at(total - 1 - n)));
    expect(pages).toBe(2);
  }, 300_000);

  it('shows the history of a pipeline that is gone, and knows none that never was', async () => {
    await ran(ledger, { ...aRun('old', march(1)), pipeline: 'gone' }, ['orders']);
    expect(await own.pages().text('/pipelines/gone')).toContain('no longer in the registry');
    const answer = await own.pages().get('/pipelines/shpo');
    expect(answer.status).toBe(404);
    expect(await answer.text()).toContain('is not in the registry');
  });

  it('refuses a time and a step that are none', async () => {
    for (const query of ['before=yesterday', 'before=2024-13-01', 'expand=everything'])
      expect((await own.pages().get(`/pipelines/shop?${query}`)).status).toBe(400);
  });
});

describe('what stands over the columns', () => {
  it('shares what neighbours have in common', () => {
    expect(tickOf(march(1))).toEqual({ group: '2024-03', label: '01' });
    expect(tickOf({ start: '2024-03-01T05:00:00Z', end: '2024-03-01T06:00:00Z' })).toEqual({
      group: '2024-03-01',
      label: '05',
    });
    expect(tickOf({ start: '2024-03-01T05:15:00Z', end: '2024-03-01T05:30:00Z' })).toEqual({
      group: '2024-03-01',
      label: '05:15',
    });
    expect(tickOf({ start: '2024-03-01T00:00:00Z', end: '2024-04-01T00:00:00Z' })).toEqual({
      group: '2024',
      label: '03-01',
    });
    // The day on which clocks are set: 23 hours.
    expect(tickOf({ start: '2024-03-30T23:00:00Z', end: '2024-03-31T22:00:00Z' })).toEqual({
      group: '2024-03',
      label: '30',
    });
    expect(groupsOf([march(1), march(2), { start: '2023-01-01', end: '2024-01-01' }].map(tickOf))).toEqual([
      { group: '2024-03', columns: 2 },
      { group: '2023', columns: 1 },
    ]);
  });
});
