import { describe, expect, it } from 'vitest';
import { missing } from '../../../aws-local/redshift-bench/redshift-harness.ts';
import { columns, day } from '../conformance/fixtures.ts';
import { FIRST, never, NOON, redshiftTests, SECOND } from './harness.ts';

describe.skipIf(missing)(`RedshiftWarehouse alone ${missing ?? ''}`, { timeout: 60_000 }, () => {
  const { bench, warehouse, load, request, rows } = redshiftTests();

  it('lengthens a text before the load and keeps the values', async () => {
    const of = (type: 'string(3)' | 'string(30)') => columns({ id: 'int64', at: 'timestamp', note: type });
    await load({ loadId: 'l1', columns: of('string(3)'), files: [[[1, NOON, 'éée']]] });
    const change = await load({
      loadId: 'l2',
      interval: day(2),
      columns: of('string(30)'),
      files: [[[2, NOON, 'x'.repeat(30)]]],
    });
    expect(change.schemaChange.widened).toEqual([{ name: 'note', from: 'string(3)', to: 'string(30)' }]);
    expect(await rows()).toEqual(['1ééel1', `2${'x'.repeat(30)}l2`]);
  });

  it('keeps the meaning of JSON in a SUPER column, and its NULL', async () => {
    await load({
      loadId: 'l1',
      columns: columns({ id: 'int64', at: 'timestamp', note: 'json' }),
      files: [
        [
          [1, NOON, '{"a": [1, {"b": "O\'Neill \\\\ 雪"}]}'],
          [2, NOON, null],
        ],
      ],
    });
    const { columns: found, rows: values } = await warehouse().query(
      'SELECT note FROM raw_shop.orders ORDER BY id',
    );
    expect(found).toEqual([{ name: 'note', type: 'super' }]);
    expect(JSON.parse(String(values[0]?.['note']))).toEqual({ a: [1, { b: "O'Neill \\ 雪" }] });
    expect(values[1]).toEqual({ note: null });
  });

  it('puts rows back as often as their table is dropped by hand', async () => {
    const wanted = await request(FIRST);
    for (const round of [1, 2, 3]) {
      expect(await warehouse().load(wanted, never)).toMatchObject({ alreadyApplied: false, rowsLoaded: 2 });
      expect(await rows(), `round ${round}`).toEqual(['1al1', '2bl1']);
      await bench().sql('DROP TABLE raw_shop.orders');
    }
    await bench().sql('DROP SCHEMA _sluice CASCADE');
    await warehouse().load(wanted, never);
    expect(await rows()).toEqual(['1al1', '2bl1']);
  });

  it('counts what has landed of each load, 0 where there is no table', async () => {
    await load(FIRST);
    const landed = await warehouse().landed('shop', [
      { table: 'orders', loadId: 'l1' },
      { table: 'nothing', loadId: 'l9' },
    ]);
    expect([...landed]).toEqual([
      ['l1', 2],
      ['l9', 0],
    ]);
  });

  it('reads more rows than fit a page', async () => {
    await load({
      loadId: 'l1',
      sql: {
        query: `SELECT range AS id, TIMESTAMP '${NOON}' AS at, 'n' AS note FROM range(2500)`,
        rows: 2500,
      },
    });
    const all = await warehouse().query('SELECT id FROM raw_shop.orders ORDER BY id', { limit: 5000 });
    expect(all.rows.map(({ id }) => Number(id))).toEqual([...Array(2500).keys()]);
    expect(all.truncated).toBe(false);
    expect((await warehouse().query('SELECT id FROM raw_shop.orders', { limit: 1500 })).truncated).toBe(true);
  });

  it('makes few calls: one batch to read, one to write', async () => {
    await load(FIRST);
    bench().data.calls.clear();
    await load(SECOND);
    expect(bench().data.calls.get('BatchExecuteStatement')).toBe(2);
    expect(bench().data.calls.get('ExecuteStatement') ?? 0).toBe(0);
  });
});
