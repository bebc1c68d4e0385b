import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { TerminalError, TransientError } from '../../core/errors.ts';
import type { Fault } from '../../aws-local/redshift-data/faults.ts';
import {
  missing,
  ROLE,
  startRedshiftBench,
  type RedshiftBench,
} from '../../aws-local/redshift-bench/redshift-harness.ts';
import { aLoad, columns, day, type LoadFields } from './fixtures.ts';
import { RedshiftWarehouse } from './redshift.ts';

const NOON = '2018-01-01 12:00:00';
const never = new AbortController().signal;

describe.skipIf(missing)(
  `RedshiftWarehouse when things go wrong ${missing ?? ''}`,
  { timeout: 60_000 },
  () => {
    let bench: RedshiftBench;
    let folder: string;
    let warehouse: RedshiftWarehouse;
    beforeAll(async () => {
      bench = await startRedshiftBench();
      folder = await mkdtemp(join(tmpdir(), 'redshift-faults-'));
      warehouse = open();
    });
    beforeEach(() => bench.reset());
    afterAll(async () => {
      await bench.stop();
      await rm(folder, { recursive: true, force: true });
    });
    const open = (place = { workgroup: 'sluice' }, copyRole = ROLE) =>
      new RedshiftWarehouse({
        data: bench.client(),
        s3: bench.s3,
        place: { ...place, database: bench.postgres.database },
        copyRole,
      });
    const request = (fields: LoadFields) => aLoad(folder, fields, bench.publish);
    const load = async (fields: LoadFields) => warehouse.load(await request(fields), never);
    const first = { loadId: 'l1', files: [[[1, NOON, 'a']], [[2, NOON, 'b']]] };
    const second = {
      loadId: 'l2',
      interval: day(2),
      files: [
        [
          [2, NOON, 'B'],
          [3, NOON, 'C'],
        ],
      ],
    };
    const rows = async () =>
      (
        await bench.sql<{ row: string }>(
          `SELECT id || note || _load_id AS row FROM raw_shop.orders ORDER BY id, note`,
        )
      ).map(({ row }) => row);
    const leftovers = () =>
      bench.sql(
        `SELECT relname FROM pg_class WHERE relname LIKE '%stage%' OR relname LIKE '\\\\_sluice\\\\_%'`,
      );
    const openTransactions = () =>
      bench.sql(
        `SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in transaction%'`,
      );
    const appliedOnce = async () => {
      expect(await rows()).toEqual(['1al1', '2Bl2', '3Cl2']);
      expect(await bench.sql('SELECT load_id FROM _sluice.loads ORDER BY sequence')).toEqual([
        { load_id: 'l1' },
        { load_id: 'l2' },
      ]);
      expect(await leftovers()).toEqual([]);
      expect(await openTransactions()).toEqual([]);
    };

    const passing: readonly (readonly [string, Fault])[] = [
      ['is throttled', { kind: 'throttle', times: 2 }],
      ['gets an internal error', { kind: 'server-error', times: 2 }],
      [
        'loses the answer to the batch that it sent',
        { kind: 'lost-answer', operation: 'BatchExecuteStatement', times: 2 },
      ],
      ['loses the answer while it waits', { kind: 'lost-answer', operation: 'DescribeStatement', times: 2 }],
      [
        'loses the answer with the result',
        { kind: 'lost-answer', operation: 'GetStatementResult', times: 2 },
      ],
      ['is slow', { kind: 'slow', milliseconds: 300, times: 5 }],
      ['loses against another transaction (1023)', { kind: 'serialization-conflict', times: 1 }],
    ];
    for (const [what, fault] of passing) {
      it(`applies the load once when it ${what}`, async () => {
        await load(first);
        bench.data.faults.add(fault);
        expect(await load(second)).toMatchObject({ rowsLoaded: 2, rowsDeleted: 1, alreadyApplied: false });
        await appliedOnce();
      });
    }

    const failing: readonly (readonly [string, Fault, RegExp])[] = [
      ['credentials expire', { kind: 'expired-token', times: 20 }, /Renew the AWS credentials/],
      ['throttling does not end', { kind: 'throttle', times: 50 }, /workgroup sluice.*Rate exceeded/s],
      [
        'the warehouse fails after COPY',
        { kind: 'fail-after-copy', times: 1 },
        /l2.*raw_shop\.orders.*leader node/s,
      ],
    ];
    for (const [what, fault, message] of failing) {
      it(`changes nothing when ${what}, and the same load then goes through`, async () => {
        await load(first);
        const wanted = await request(second);
        bench.data.faults.add(fault);
        const failure = warehouse.load(wanted, never);
        await expect(failure).rejects.toThrow(message);
        await expect(failure).rejects.toBeInstanceOf(TransientError);
        bench.data.faults.clear();
        expect(await rows()).toEqual(['1al1', '2bl1']);
        expect(await leftovers()).toEqual([]);
        await warehouse.load(wanted, never);
        await appliedOnce();
      });
    }

    it('finds the load applied when the worker died between its commit and its answer', async () => {
      await load(first);
      const wanted = await request(second);
      // Three results are read before the batch; the batch's own never arrives.
      bench.data.faults.add({ kind: 'lost-answer', operation: 'GetStatementResult', skip: 3, times: 50 });
      await expect(warehouse.load(wanted, never)).rejects.toBeInstanceOf(TransientError);
      bench.data.faults.clear();
      const successor = open();
      expect(await successor.load(wanted, never)).toMatchObject({
        alreadyApplied: true,
        rowsLoaded: 2,
        rowsDeleted: 1,
      });
      await appliedOnce();
    });

    it('applies a load once when two workers bring it at the same time', async () => {
      await load(first);
      const wanted = await request(second);
      const results = await Promise.all([warehouse.load(wanted, never), open().load(wanted, never)]);
      expect(results.map(({ rowsDeleted }) => rowsDeleted)).toEqual([1, 1]);
      await appliedOnce();
    });

    it('applies loads of one table that come at the same time', async () => {
      const loads = [1, 2, 3, 4].map((number) => ({
        loadId: `l${number}`,
        interval: day(number),
        files: [[[number, NOON, 'x']]],
      }));
      await Promise.all(loads.map(load));
      expect(await rows()).toEqual(['1xl1', '2xl2', '3xl3', '4xl4']);
      expect(await bench.sql('SELECT sequence FROM _sluice.loads ORDER BY sequence')).toHaveLength(4);
    });

    it('cancels the statement when it is aborted, throws the reason, and leaves nothing', async () => {
      await load(first);
      const wanted = await request(second);
      const blocker = await bench.database.pool.connect();
      await blocker.query('BEGIN; LOCK TABLE raw_shop.orders');
      const controller = new AbortController();
      const reason = new Error('cancelled');
      const running = warehouse.load(wanted, controller.signal);
      const settled = expect(running).rejects.toBe(reason);
      await expect
        .poll(() =>
          bench.sql(`SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE 'LOCK%'`),
        )
        .toHaveLength(1);
      const started = performance.now();
      controller.abort(reason);
      await settled;
      expect(performance.now() - started).toBeLessThan(3000);
      expect(await bench.sql(`SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock'`)).toEqual([]);
      await blocker.query('ROLLBACK');
      blocker.release();
      expect(await rows()).toEqual(['1al1', '2bl1']);
      expect(await leftovers()).toEqual([]);
      await warehouse.load(wanted, never);
      await appliedOnce();
    });

    const refused: readonly (readonly [string, () => Promise<unknown>, RegExp])[] = [
      [
        'a workgroup that does not exist',
        () => open({ workgroup: 'nobody' }).query('SELECT 1'),
        /workgroup nobody.*endpoint doesn't exist.*profile/s,
      ],
      [
        'a role that may not be assumed',
        async () => open(undefined, 'arn:aws:iam::1:role/other').load(await request(first), never),
        /not authorized to assume IAM Role|copyRole/,
      ],
      [
        'a text of 70,000 bytes',
        () =>
          load({
            loadId: 'l1',
            sql: {
              query: `SELECT 1::BIGINT AS id, TIMESTAMP '${NOON}' AS at, repeat('x', 70000) AS note`,
              rows: 1,
            },
          }),
        /column 'note'.*65,535 bytes|65,535 bytes.*column 'note'/s,
      ],
      [
        'a statement of more than 100 KB',
        () => warehouse.query(`SELECT '${'x'.repeat(110_000)}'`),
        /110\d{3} bytes.*102400/,
      ],
      [
        'JSON that SUPER does not take',
        () =>
          load({
            loadId: 'l1',
            columns: columns({ id: 'int64', at: 'timestamp', note: 'json' }),
            files: [[[1, NOON, '{nonsense']]],
          }),
        /json: 'text'/,
      ],
      [
        'a file that is gone from the lake',
        async () => {
          const wanted = await request(first);
          return warehouse.load({ ...wanted, fileUris: wanted.fileUris.map((uri) => `${uri}.gone`) }, never);
        },
        /part-0\.parquet\.gone/,
      ],
      [
        'columns that differ only in case',
        () =>
          load({ loadId: 'l1', columns: columns({ id: 'int64', at: 'timestamp', ID: 'int64' }), files: [] }),
        /'ID' has the name of column 'id'/,
      ],
    ];
    for (const [what, attempt, message] of refused) {
      it(`says what to do about ${what}`, async () => {
        const failure = attempt();
        await expect(failure).rejects.toThrow(message);
        await expect(failure).rejects.toBeInstanceOf(TerminalError);
        expect(await leftovers()).toEqual([]);
      });
    }

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
      const { columns: found, rows: values } = await warehouse.query(
        'SELECT note FROM raw_shop.orders ORDER BY id',
      );
      expect(found).toEqual([{ name: 'note', type: 'super' }]);
      expect(JSON.parse(String(values[0]?.['note']))).toEqual({ a: [1, { b: "O'Neill \\ 雪" }] });
      expect(values[1]).toEqual({ note: null });
    });

    it('puts rows back as often as their table is dropped by hand', async () => {
      const wanted = await request(first);
      for (const round of [1, 2, 3]) {
        expect(await warehouse.load(wanted, never)).toMatchObject({ alreadyApplied: false, rowsLoaded: 2 });
        expect(await rows(), `round ${round}`).toEqual(['1al1', '2bl1']);
        await bench.sql('DROP TABLE raw_shop.orders');
      }
      await bench.sql('DROP SCHEMA _sluice CASCADE');
      await warehouse.load(wanted, never);
      expect(await rows()).toEqual(['1al1', '2bl1']);
    });

    it('counts what has landed of each load, 0 where there is no table', async () => {
      await load(first);
      const landed = await warehouse.landed('shop', [
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
      const all = await warehouse.query('SELECT id FROM raw_shop.orders ORDER BY id', { limit: 5000 });
      expect(all.rows.map(({ id }) => Number(id))).toEqual([...Array(2500).keys()]);
      expect(all.truncated).toBe(false);
      expect((await warehouse.query('SELECT id FROM raw_shop.orders', { limit: 1500 })).truncated).toBe(true);
    });

    it('makes few calls: one batch to read, one to write', async () => {
      await load(first);
      bench.data.calls.clear();
      await load(second);
      expect(bench.data.calls.get('BatchExecuteStatement')).toBe(2);
      expect(bench.data.calls.get('ExecuteStatement') ?? 0).toBe(0);
    });
  },
);
