import { ListStatementsCommand } from '@aws-sdk/client-redshift-data';
import { describe, expect, it } from 'vitest';
import { missing, type RedshiftBench } from '../../../aws-local/redshift-bench/redshift-harness.ts';
import { day, type LoadFields, type Values } from '../conformance/fixtures.ts';
import { BEFORE, care, everything, shopColumns, shopTable } from './plan-fixture.ts';
import { redshiftTests, type RedshiftTests } from './harness.ts';

/** A statement without its values; lists of one kind of thing count as one. */
function shapeOf(sql: string): string {
  return sql
    .replace(/'(?:[^'\\]|''|\\[\s\S])*'/g, `'…'`)
    .replace(/\braw_shop"\."\w+"/g, 'raw_shop"."…"')
    .replace(/(?<![\w"(])\d+/g, '0')
    .replace(/\b(TRUE|FALSE)\b/g, 'TRUE')
    .replace(/'…'(, '…')+/g, `'…'`)
    .replace(/(\('…'\))(, \('…'\))+/g, '$1')
    .replace(/^(SELECT .+?)( UNION ALL .+)$/, '$1');
}

/** Care is told by tests of its own. */
const ofCare = new Set(Object.values(care).flat().map(shapeOf));
const pinned = new Set(everything.map(shapeOf));

describe.skipIf(missing)(`what is sent to Redshift ${missing ?? ''}`, { timeout: 600_000 }, () => {
  const tests = redshiftTests();

  it('is pinned, and what is pinned is sent', async () => {
    await everyPlaceAmongOthers(tests);
    await everyKindOfLoad(tests);
    await everyFailureOfALoad(tests);
    const warehouse = tests.warehouse();
    await warehouse.lastLoad('shop', 'orders');
    await warehouse.lastLoad('shop', 'orders', day(1));
    await warehouse.mark('shop', 'orders');
    await warehouse.appliedLoadIds();
    await warehouse.landed('shop', [{ table: 'orders', loadId: 'l1' }]);

    const sent = new Set((await statementsOf(tests.bench())).map(shapeOf));
    expect.soft([...sent].filter((shape) => !pinned.has(shape))).toEqual([]);
    expect.soft([...pinned].filter((shape) => !sent.has(shape) && !ofCare.has(shape))).toEqual([]);
  });
});

const AT = '2018-01-01 12:00:00+00';
const row = (id: number, note = 'a'): Values => [id, AT, note, id, '{}'];

async function everyKindOfLoad({ bench, load }: RedshiftTests): Promise<void> {
  for (const write of ['append', 'replace', 'merge', 'replace-interval'] as const) {
    const table = { table: shopTable(write), columns: shopColumns() };
    await load({ ...table, loadId: 'l1', files: [[row(1), row(2)]], mark: AT });
    await load({ ...table, loadId: 'l3', files: [[row(2), row(3)]] });
    await load({ ...table, loadId: 'l4', interval: day(2), files: [] });
    if (write !== 'replace') await load({ ...table, loadId: 'l2', interval: day(3), files: [] });
    await bench().sql('DROP TABLE raw_shop.orders');
    await load({ ...table, loadId: 'l4', interval: day(2), files: [] });
    await bench().reset();
  }
  const wide = { table: shopTable('merge'), columns: shopColumns() };
  const narrow = { table: shopTable('append'), columns: BEFORE.columns };
  await load({ ...narrow, loadId: 'l1', files: [[[1, AT, 'a', 1]]] });
  await load({ ...wide, loadId: 'l3', files: [[row(1)]] });
  await load({ ...wide, loadId: 'l2', interval: day(2), files: [[row(1), row(4)]] });
}

async function everyPlaceAmongOthers({ bench: standIn, load, warehouse }: RedshiftTests): Promise<void> {
  const bench = standIn();
  const columns = shopColumns();
  const middle = { start: '2018-01-01T08:00:00Z', end: '2018-01-01T16:00:00Z' };
  const byInterval = { table: shopTable('append'), columns };
  await load({ ...byInterval, loadId: 'l9', interval: middle, files: [[row(1)]] });
  await load({ ...byInterval, loadId: 'l2', files: [[row(1)]], mark: AT });
  await load({ ...byInterval, loadId: 'l3', files: [] });
  await bench.reset();
  const snapshot = { table: shopTable('append', 'snapshot'), columns };
  await load({ ...snapshot, loadId: 'l0', files: [[row(1)]] });
  await load({ ...snapshot, loadId: 'l2', files: [[row(1)]] });
  await bench.reset();
  const cursor = { column: 'at', type: 'timestamptz' } as const;
  const first = { columns, files: [[row(1)]], mark: AT, manifest: { since: null, cursor } };
  const appended = { ...first, table: shopTable('append', 'incremental') };
  await load({ ...appended, loadId: 'l1', files: [], mark: null });
  await load({ ...appended, loadId: 'l2', interval: day(2) });
  await bench.reset();
  await load({ ...first, table: shopTable('merge', 'incremental'), loadId: 'l2' });
  await bench.sql('DROP TABLE raw_shop.orders');
  await load({ ...first, table: shopTable('merge', 'incremental'), loadId: 'l2' });
  await bench.sql('ALTER TABLE _sluice.loads DROP COLUMN cursor_column, DROP COLUMN cursor_type');
  await warehouse().mark('shop', 'orders');
  await bench.reset();
}

async function everyFailureOfALoad({ bench, load }: RedshiftTests): Promise<void> {
  const fails = (fields: LoadFields) => expect(load(fields)).rejects.toThrow();
  const table = { table: shopTable('merge'), columns: shopColumns() };
  await fails({ ...table, loadId: 'l4', files: [[row(5), row(5)]] });
  await fails({ ...table, loadId: 'l5', files: [[[null, AT, 'a', 1, '{}']]] });
  await fails({ ...table, loadId: 'l6', files: [[row(9, 'x'.repeat(100))]] });
  for (const type of ['date', 'timestamp', 'timestamptz'] as const) {
    await bench().reset();
    const byTime = { table: shopTable('replace-interval'), columns: shopColumns(type) };
    await load({ ...byTime, loadId: 'l1', files: [[[1, '2018-01-01', 'a', 1, '{}']]] });
    await fails({ ...byTime, loadId: 'l2', files: [[[1, '2018-01-09', 'a', 1, '{}']]] });
  }
}

async function statementsOf(bench: RedshiftBench): Promise<string[]> {
  const sent: string[] = [];
  let NextToken: string | undefined;
  do {
    const page = await bench.client().send(new ListStatementsCommand({ Status: 'ALL', NextToken }));
    for (const { QueryString = '', QueryStrings } of page.Statements ?? [])
      sent.push(...(QueryStrings ?? [QueryString]));
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
  return sent;
}
