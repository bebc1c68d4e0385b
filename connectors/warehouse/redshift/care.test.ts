import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { missing, ROLE } from '../../../aws-local/redshift-bench/redshift-harness.ts';
import type { WarehouseLayout } from '../../../core/pipeline.ts';
import { aTable, columns, day } from '../conformance/fixtures.ts';
import type { CareRequest } from '../port.ts';
import type { CareWork } from './care.fixture.ts';
import { never, NOON, redshiftTests } from './harness.ts';

const LIMITS = { unsorted: 5, deleted: 5, stale: 10, skew: 1.4 };
const WANTED = { dist: { key: 'id' }, sort: ['at', 'id'] } as const;
const SOON = { timeout: 20_000 };
const script = join(import.meta.dirname, 'care.fixture.ts');

const wanted = (layout?: WarehouseLayout, fields: Partial<CareRequest> = {}): CareRequest => ({
  schemas: ['raw_shop'],
  layouts: layout ? [{ schema: 'raw_shop', table: 'orders', layout }] : [],
  limits: LIMITS,
  dryRun: false,
  ...fields,
});

describe.skipIf(missing)(`care for tables in Redshift ${missing ?? ''}`, { timeout: 120_000 }, () => {
  const tests = redshiftTests();
  const care = (request: CareRequest) => tests.warehouse().care(request, never);
  const done = async (request: CareRequest) =>
    (await care(request)).steps.map(({ table, does }) => `${table}: ${does}`);
  const all = () => tests.bench().sql(`SELECT * FROM raw_shop.orders ORDER BY id, note`);
  const keys = () =>
    tests.bench().sql(`SELECT diststyle, sortkey1, sortkey_num FROM svv_table_info WHERE "table" = 'orders'`);
  const relations = () =>
    tests
      .bench()
      .sql(
        `SELECT relname FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace WHERE nspname = 'raw_shop' AND relkind = 'r'`,
      );
  const MADE = [{ diststyle: 'KEY(id)', sortkey1: 'at', sortkey_num: 2 }];

  const sorted = aTable({ warehouse: { sort: ['at'] } });
  const loaded = async () => {
    await tests.load({
      loadId: 'l1',
      table: sorted,
      files: [
        [
          [1, NOON, 'a'],
          [2, NOON, 'b'],
        ],
      ],
    });
    await tests.load({ loadId: 'l2', table: sorted, interval: day(2), files: [[[2, NOON, 'B']]] });
  };

  it('does what the figures ask for, and finds nothing to do afterwards', async () => {
    await loaded();
    await expect.poll(() => done(wanted()), SOON).toEqual(['orders: vacuum full', 'orders: analyze']);
    const again = await care(wanted());
    expect(again).toEqual({ looked: 1, steps: [], passedOver: [] });
    await tests
      .bench()
      .database.session((session) => session.run(`UPDATE raw_shop.orders SET note = 'c' WHERE id = 1`));
    await expect
      .poll(() => done(wanted(undefined, { limits: { ...LIMITS, unsorted: 100 } })), SOON)
      .toEqual(['orders: vacuum delete only', 'orders: analyze']);
    expect(await done(wanted())).toEqual(['orders: vacuum sort only']);
  });

  it('gives a table other keys by a copy that takes its place, with every row, value and right', async () => {
    await loaded();
    await tests.bench().sql('DROP ROLE IF EXISTS care_reader');
    await tests.bench().sql('CREATE ROLE care_reader');
    await tests.bench().sql('GRANT SELECT ON raw_shop.orders TO care_reader');
    await tests.bench().sql('GRANT SELECT, INSERT ON raw_shop.orders TO PUBLIC');
    const before = await all();
    expect(await done(wanted(WANTED))).toEqual(['orders: layout', 'orders: analyze']);
    expect(await all()).toEqual(before);
    expect(await keys()).toEqual(MADE);
    expect(await relations()).toEqual([{ relname: 'orders' }]);
    expect(
      await tests
        .bench()
        .sql(
          `SELECT identity_name, privilege_type FROM svv_relation_privileges WHERE relation_name = 'orders' ORDER BY 1, 2`,
        ),
    ).toEqual([
      { identity_name: 'care_reader', privilege_type: 'SELECT' },
      { identity_name: 'public', privilege_type: 'INSERT' },
      { identity_name: 'public', privilege_type: 'SELECT' },
    ]);
    expect((await care(wanted(WANTED, { limits: { ...LIMITS, unsorted: 100 } }))).steps).toEqual([]);
    const table = aTable({ warehouse: WANTED });
    await tests.load({ loadId: 'l3', table, interval: day(3), files: [[[3, NOON, 'c']]] });
    expect(await tests.rows()).toEqual(['1al1', '2Bl2', '3cl3']);
    await tests.bench().sql('DROP OWNED BY care_reader; DROP ROLE care_reader');
  });

  it('keeps texts as long as they may be, JSON and moments through other keys', async () => {
    const wide = columns({
      id: 'int64',
      at: 'timestamptz',
      note: 'string(20)',
      extra: 'json',
      sum: 'decimal(12,2)',
    });
    const row = [1, '2018-01-01 12:00:00.123456+00', 'ü'.repeat(20), '{"a": [1.50]}', '12.30'] as const;
    await tests.load({ loadId: 'l1', columns: wide, files: [[row]] });
    const types = () =>
      tests
        .bench()
        .sql(
          `SELECT column_name, data_type FROM svv_redshift_columns WHERE table_name = 'orders' ORDER BY ordinal_position`,
        );
    const [rows, made] = [await all(), await types()];
    expect(await done(wanted({ dist: 'all' }))).toEqual(['orders: layout', 'orders: analyze']);
    expect([await all(), await types()]).toEqual([rows, made]);
    await tests.load({ loadId: 'l2', columns: wide, interval: day(2), files: [[[2, ...row.slice(1)]]] });
  });

  it.each([0, 1, 2, 3, 4, 5, 6, 7, 8])(
    'leaves the table whole and nothing beside it where the warehouse fails before statement %i of the swap',
    async (at) => {
      await loaded();
      await tests.bench().sql('GRANT SELECT ON raw_shop.orders TO PUBLIC');
      const before = await all();
      const plan = await tests.warehouse().care(wanted(WANTED, { dryRun: true }), never);
      expect(plan.steps[0]?.sql).toHaveLength(9);
      const { faults } = tests.bench().data;
      // Before them the figures, the keys, and five reads of how the table is made.
      faults.add({ kind: 'node-lost', skip: 7 + at });
      await expect(care(wanted(WANTED))).rejects.toThrow('leader node');
      expect(await all()).toEqual(before);
      expect(await relations()).toEqual([{ relname: 'orders' }]);
      expect(await done(wanted(WANTED))).toEqual(['orders: layout', 'orders: analyze']);
      expect(await all()).toEqual(before);
      expect(await keys()).toEqual(MADE);
    },
  );

  it('that is killed while the swap runs leaves a table that the next finds whole', async () => {
    await loaded();
    const before = await all();
    const folder = await mkdtemp(join(tmpdir(), 'redshift-care-'));
    const { data, store, postgres } = tests.bench();
    const place = { workgroup: 'sluice', database: postgres.database };
    const work: CareWork = {
      ...store,
      data: data.endpoint,
      s3: store.endpoint,
      place,
      copyRole: ROLE,
      request: wanted(WANTED),
    };
    await writeFile(join(folder, 'work.json'), JSON.stringify(work));
    const blocker = await tests.bench().database.pool.connect();
    await blocker.query('BEGIN; LOCK TABLE raw_shop.orders');
    const worker = spawn(process.execPath, ['--import', 'tsx', script, join(folder, 'work.json')], {
      stdio: 'inherit',
    });
    await expect.poll(tests.waiting, SOON).toHaveLength(1);
    worker.kill('SIGKILL');
    expect(await once(worker, 'exit')).toEqual([null, 'SIGKILL']);
    const successor = tests.open().care(wanted(WANTED), never);
    await expect.poll(tests.waiting, SOON).toHaveLength(2);
    await blocker.query('ROLLBACK');
    blocker.release();
    // Two that give the same keys: the second copies what the first has made, or is refused where that was changed beneath it.
    await successor.catch((error: unknown) => expect(String(error)).toMatch(/tried again|concurrent|1023/));
    await expect.poll(tests.waiting, SOON).toEqual([]);
    await tests.open().care(wanted(WANTED), never);
    expect(await all()).toEqual(before);
    expect(await keys()).toEqual(MADE);
    expect(await relations()).toEqual([{ relname: 'orders' }]);
    await rm(folder, { recursive: true });
  });

  it.each([
    ['a column', `ALTER TABLE raw_shop.orders ADD COLUMN late int; UPDATE raw_shop.orders SET late = 7`],
    ['a right', 'GRANT SELECT ON raw_shop.orders TO PUBLIC'],
  ])(
    'does nothing where %s came while it waited for the table, and keeps it the next time',
    async (_, change) => {
      await loaded();
      const blocker = await tests.bench().database.pool.connect();
      await blocker.query('BEGIN; LOCK TABLE raw_shop.orders');
      const under = expect(care(wanted(WANTED))).rejects.toThrow('the table was changed meanwhile');
      await expect.poll(tests.waiting, SOON).toHaveLength(1);
      await blocker.query(`${change}; COMMIT`);
      blocker.release();
      await under;
      const before = await all();
      const rights = () =>
        tests
          .bench()
          .sql(`SELECT privilege_type FROM svv_relation_privileges WHERE relation_name = 'orders'`);
      const had = await rights();
      await care(wanted(WANTED));
      expect([await all(), await rights(), await keys()]).toEqual([before, had, MADE]);
    },
  );

  it('that nobody wants any more leaves nothing of its copy', async () => {
    await loaded();
    const before = await all();
    const blocker = await tests.bench().database.pool.connect();
    await blocker.query('BEGIN; LOCK TABLE raw_shop.orders');
    const abort = new AbortController();
    const under = tests.warehouse().care(wanted(WANTED), abort.signal);
    const ended = expect(under).rejects.toThrow('no longer');
    await expect.poll(tests.waiting, SOON).toHaveLength(1);
    abort.abort(new Error('no longer'));
    await ended;
    await blocker.query('ROLLBACK');
    blocker.release();
    expect(await all()).toEqual(before);
    expect(await relations()).toEqual([{ relname: 'orders' }]);
    await tests.nothingIsLeft();
  });

  it('refuses other keys where the copy would lack what the table has, or has no such column', async () => {
    await loaded();
    await expect(care(wanted({ sort: ['nothing'] }))).rejects.toThrow(`no column 'nothing'`);
    await tests.bench().sql('ALTER TABLE raw_shop.orders ALTER COLUMN note SET DEFAULT 1');
    await expect(care(wanted(WANTED))).rejects.toThrow('default (note) would be lost');
    await tests.bench().sql('ALTER TABLE raw_shop.orders ALTER COLUMN note DROP DEFAULT');
    await tests.bench().sql('GRANT SELECT (id) ON raw_shop.orders TO PUBLIC');
    await expect(care(wanted(WANTED))).rejects.toThrow('rights on columns (id) would be lost');
    await tests.bench().sql('REVOKE SELECT (id) ON raw_shop.orders FROM PUBLIC');
    await tests.bench().sql('CREATE VIEW raw_shop.held AS SELECT id FROM raw_shop.orders');
    await expect(care(wanted(WANTED))).rejects.toThrow('WITH NO SCHEMA BINDING');
    expect(await tests.rows()).toEqual(['1al1', '2Bl2']);
  });
});
