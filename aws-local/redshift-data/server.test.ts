import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  BatchExecuteStatementCommand,
  CancelStatementCommand,
  DescribeStatementCommand,
  ExecuteStatementCommand,
  GetStatementResultCommand,
  ListStatementsCommand,
  type RedshiftDataClient,
} from '@aws-sdk/client-redshift-data';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { writeParquet } from '../../connectors/warehouse/conformance/fixtures.ts';
import type { Delays } from './runner.ts';
import {
  BUCKET,
  missing,
  ROLE,
  startRedshiftBench,
  type RedshiftBench,
} from '../redshift-bench/redshift-harness.ts';

const DELAYS = { pick: 20, start: 20 };
const WAIT = { timeout: 30_000, interval: 20 };

/** Something to wait for that a test decides on. */
function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open: () => open() };
}

describe.skipIf(missing)(`the Redshift Data API stand-in ${missing ?? ''}`, { timeout: 60_000 }, () => {
  let bench: RedshiftBench;
  let client: RedshiftDataClient;
  let place: { WorkgroupName: string; Database: string };
  let folder: string;
  const delays: Delays = { ...DELAYS };
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'redshift-data-'));
    bench = await startRedshiftBench({ pageRows: 2, delays });
    client = bench.client();
    place = { WorkgroupName: 'sluice', Database: bench.postgres.database };
  });
  beforeEach(async () => {
    await bench.reset();
    await bench.sql('CREATE SCHEMA s');
  });
  afterAll(async () => {
    client.destroy();
    await bench.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const execute = async (Sql: string, more: object = {}) =>
    client.send(
      new DescribeStatementCommand({
        Id: (await client.send(new ExecuteStatementCommand({ ...place, Sql, ...more }))).Id,
        WaitTimeSeconds: 20,
      }),
    );
  const batch = async (...Sqls: string[]) =>
    client.send(
      new DescribeStatementCommand({
        Id: (await client.send(new BatchExecuteStatementCommand({ ...place, Sqls }))).Id,
        WaitTimeSeconds: 20,
      }),
    );
  const values = async (sql: string) => {
    const { Id } = await execute(sql);
    return (await client.send(new GetStatementResultCommand({ Id }))).Records;
  };

  it('accepts, picks, starts and finishes a statement, one after the other', async () => {
    const gates = { pick: gate(), start: gate() };
    Object.assign(delays, { pick: () => gates.pick.opened, start: () => gates.start.opened });
    const holder = await bench.database.pool.connect();
    try {
      await bench.sql('CREATE TABLE s.held (a int)');
      await holder.query('BEGIN; LOCK TABLE s.held');
      const { Id } = await client.send(
        new ExecuteStatementCommand({ ...place, Sql: 'SELECT count(*) FROM s.held' }),
      );
      const status = async () => (await client.send(new DescribeStatementCommand({ Id }))).Status;
      expect(await status()).toBe('SUBMITTED');
      for (const [open, next] of [
        [gates.pick.open, 'PICKED'],
        [gates.start.open, 'STARTED'],
        [() => holder.query('COMMIT'), 'FINISHED'],
      ] as const) {
        const before = await status();
        await open();
        await expect.poll(async () => ((await status()) === before ? '' : status()), WAIT).toBe(next);
      }
    } finally {
      Object.assign(delays, DELAYS);
      holder.release(true);
    }
  });

  it('binds named parameters, gives types and pages', async () => {
    const described = await execute(
      'SELECT :a::int8 + n AS id, :b AS name FROM (SELECT 1 AS n UNION ALL SELECT 2 UNION ALL SELECT 3) AS t ORDER BY 1',
      {
        Parameters: [
          { name: 'a', value: '40' },
          { name: 'b', value: "O'Neill" },
        ],
      },
    );
    expect(described).toMatchObject({ Status: 'FINISHED', HasResultSet: true, ResultRows: 3 });
    const first = await client.send(new GetStatementResultCommand({ Id: described.Id }));
    expect(first.ColumnMetadata?.map(({ name, typeName }) => [name, typeName])).toEqual([
      ['id', 'int8'],
      ['name', 'varchar'],
    ]);
    expect(first.Records).toEqual([
      [{ longValue: 41 }, { stringValue: "O'Neill" }],
      [{ longValue: 42 }, { stringValue: "O'Neill" }],
    ]);
    const rest = await client.send(
      new GetStatementResultCommand({ Id: described.Id, NextToken: first.NextToken }),
    );
    expect(rest.Records).toHaveLength(1);
    expect(rest.NextToken).toBeUndefined();
  });

  it('runs a batch as one transaction, with a result per statement', async () => {
    const good = await batch(
      'CREATE TABLE s.t (a int)',
      'INSERT INTO s.t VALUES (1), (2)',
      'SELECT count(*) FROM s.t',
    );
    expect(good.SubStatements?.map(({ Id, Status }) => [Id, Status])).toEqual(
      [1, 2, 3].map((at) => [`${good.Id}:${at}`, 'FINISHED']),
    );
    const counted = await client.send(new GetStatementResultCommand({ Id: `${good.Id}:3` }));
    expect(counted.Records).toEqual([[{ longValue: 2 }]]);
    const bad = await batch('DELETE FROM s.t', 'SELECT 1 / 0', 'SELECT 1');
    expect(bad).toMatchObject({ Status: 'FAILED' });
    expect(bad.SubStatements?.map(({ Status }) => Status)).toEqual(['FINISHED', 'FAILED', 'ABORTED']);
    expect(bad.Error).toMatch(/Query #2.*division by zero/);
    expect(await values('SELECT count(*) FROM s.t')).toEqual([[{ longValue: 2 }]]);
  });

  it('commits at TRUNCATE, in the middle of a batch', async () => {
    await batch('CREATE TABLE s.t (a int)', 'INSERT INTO s.t VALUES (1)');
    expect(await batch('TRUNCATE s.t', 'SELECT 1 / 0')).toMatchObject({ Status: 'FAILED' });
    expect(await values('SELECT count(*) FROM s.t')).toEqual([[{ longValue: 0 }]]);
  });

  it('gives the same statement for the same client token, and refuses it for another', async () => {
    const request = { ...place, ClientToken: 'token-1' };
    const one = await client.send(new ExecuteStatementCommand({ ...request, Sql: 'SELECT 1' }));
    const two = await client.send(new ExecuteStatementCommand({ ...request, Sql: 'SELECT 1' }));
    expect(two.Id).toBe(one.Id);
    await expect(
      client.send(new ExecuteStatementCommand({ ...request, Sql: 'SELECT 2' })),
    ).rejects.toMatchObject({ name: 'ValidationException' });
  });

  it('cancels what runs, and says so of what has ended', async () => {
    const { Id } = await client.send(new ExecuteStatementCommand({ ...place, Sql: 'SELECT pg_sleep(30)' }));
    await expect
      .poll(async () => (await client.send(new DescribeStatementCommand({ Id }))).Status)
      .toBe('STARTED');
    await client.send(new CancelStatementCommand({ Id }));
    expect(await client.send(new DescribeStatementCommand({ Id, WaitTimeSeconds: 10 }))).toMatchObject({
      Status: 'ABORTED',
    });
    await expect(client.send(new CancelStatementCommand({ Id }))).rejects.toThrow(/already in ABORTED/);
  });

  it('lists statements by name', async () => {
    await execute('SELECT 1', { StatementName: 'mine' });
    const { Statements } = await client.send(new ListStatementsCommand({ StatementName: 'mine' }));
    expect(Statements?.map(({ StatementName, QueryString }) => [StatementName, QueryString])).toEqual([
      ['mine', 'SELECT 1'],
    ]);
  });

  for (const [what, send, message] of [
    [
      'a statement of more than 100 KB',
      () => new ExecuteStatementCommand({ ...place, Sql: `SELECT '${'x'.repeat(103_000)}'` }),
      /Maximum is 102400/,
    ],
    [
      'a batch of more than 40 statements',
      () => new BatchExecuteStatementCommand({ ...place, Sqls: Array<string>(41).fill('SELECT 1') }),
      /Sqls/,
    ],
    [
      'a workgroup and a cluster at once',
      () => new ExecuteStatementCommand({ ...place, ClusterIdentifier: 'c', Sql: 'SELECT 1' }),
      /Exactly one/,
    ],
    [
      'a workgroup that does not exist',
      () => new ExecuteStatementCommand({ ...place, WorkgroupName: 'x', Sql: 'SELECT 1' }),
      /doesn't exist/,
    ],
    [
      'a wait of more than 30 s',
      () => new DescribeStatementCommand({ Id: 'x', WaitTimeSeconds: 31 }),
      /WaitTimeSeconds/,
    ],
    ['a statement that nobody sent', () => new DescribeStatementCommand({ Id: 'x' }), /does not exist/],
  ] as const) {
    it(`refuses ${what}`, async () => {
      await expect(client.send(send() as never)).rejects.toThrow(message);
    });
  }

  for (const [sql, message] of [
    ['SELECT 1; SELECT 2', /multiple commands/],
    ['BEGIN', /not allowed here/],
    [`SELECT repeat('x', 70000)`, /64 KB/],
    ['SELECT * FROM s.nothing', /relation "s.nothing" does not exist/],
    ['SELECT :who', /parameter who/],
  ] as const) {
    it(`fails ${sql} with Redshift's message`, async () => {
      expect((await execute(sql)).Error).toMatch(message);
    });
  }

  it('counts the bytes of a VARCHAR, and does not enforce keys', async () => {
    await execute('CREATE TABLE s.t (a varchar(4), b int UNIQUE)');
    expect(await execute(`INSERT INTO s.t VALUES ('éé', 1), ('ab', 1)`)).toMatchObject({
      Status: 'FINISHED',
    });
    expect((await execute(`INSERT INTO s.t VALUES ('ééé', 2)`)).Error).toMatch(/value too long/);
  });

  it('lengthens a VARCHAR outside of a transaction only, and never shortens it', async () => {
    await execute('CREATE TABLE s.t (a varchar(4))');
    expect((await batch('SELECT 1', 'ALTER TABLE s.t ALTER COLUMN a TYPE varchar(8)')).Error).toMatch(
      /inside a transaction/,
    );
    expect(await execute('ALTER TABLE s.t ALTER COLUMN a TYPE varchar(8)')).toMatchObject({
      Status: 'FINISHED',
    });
    expect(await execute(`INSERT INTO s.t VALUES ('éééé')`)).toMatchObject({ Status: 'FINISHED' });
    expect((await execute('ALTER TABLE s.t ALTER COLUMN a TYPE varchar(2)')).Error).toMatch(/cannot reduce/);
  });

  it('answers 1023 to a transaction that lost against another', async () => {
    await batch('CREATE TABLE s.t (a int)', 'INSERT INTO s.t VALUES (1)');
    const both = await Promise.all(
      [1, 2].map(() => batch('SELECT count(*) FROM s.t', 'SELECT pg_sleep(0.4)', 'UPDATE s.t SET a = a + 1')),
    );
    expect(both.map(({ Status }) => Status).sort()).toEqual(['FAILED', 'FINISHED']);
    expect(both.map(({ Error: error }) => error ?? '').join('')).toMatch(/1023/);
  });

  describe('COPY', () => {
    const copy = `COPY s.t FROM 's3://${BUCKET}/m.json' IAM_ROLE '${ROLE}' FORMAT AS PARQUET MANIFEST`;
    const put = async (query: string, entry: object = {}) => {
      const path = join(folder, 'f.parquet');
      await writeParquet(path, query);
      const [url = ''] = await bench.publish([path]);
      const { size } = await stat(path);
      const entries = [{ url, mandatory: true, meta: { content_length: size }, ...entry }];
      await bench.s3.send(
        new PutObjectCommand({ Bucket: BUCKET, Key: 'm.json', Body: JSON.stringify({ entries }) }),
      );
      return url;
    };

    it('goes by position, whatever the columns are called', async () => {
      await execute('CREATE TABLE s.t (a int8, b varchar(10))');
      await put(`SELECT 7::BIGINT AS x, 'é' AS y UNION ALL SELECT NULL, ''`);
      expect(await execute(copy)).toMatchObject({ Status: 'FINISHED' });
      expect(await values('SELECT a, b FROM s.t ORDER BY a')).toEqual([
        [{ longValue: 7 }, { stringValue: 'é' }],
        [{ isNull: true }, { stringValue: '' }],
      ]);
    });

    for (const [what, query, message] of [
      ['fewer columns', 'SELECT 7::BIGINT AS a', /Table columns: 2, Data columns: 1/],
      ['another type', `SELECT 7::INTEGER AS a, 'x' AS b UNION ALL SELECT 8, 'y'`, undefined],
      [
        'an incompatible type',
        `SELECT 7::DOUBLE AS a, 'x' AS b`,
        /incompatible Parquet schema for column 'a'/,
      ],
      ['a text of more bytes', `SELECT 7::BIGINT AS a, 'ééééé!' AS b`, /Table: 10, Data: 11/],
    ] as const) {
      it(`refuses ${what}, and notes it in stl_load_errors, which outlives the transaction`, async () => {
        await execute('CREATE TABLE s.t (a int8, b varchar(10))');
        const url = await put(query);
        const failed = await batch('SELECT 1', copy);
        expect(failed.Error).toMatch(message ?? /incompatible/);
        const noted = await bench.sql<{ err_reason: string }>(
          `SELECT err_reason FROM aws_local.stl_load_errors WHERE filename = '${url}'`,
        );
        expect(noted).toHaveLength(1);
        expect(await values('SELECT count(*) FROM s.t')).toEqual([[{ longValue: 0 }]]);
      });
    }

    it('leaves out what is not mandatory and not there, and fails where it is', async () => {
      await execute('CREATE TABLE s.t (a int8)');
      const gone = { url: `s3://${BUCKET}/gone.parquet` };
      await put('SELECT 1::BIGINT AS a', { ...gone, mandatory: false });
      expect(await execute(copy)).toMatchObject({ Status: 'FINISHED' });
      await put('SELECT 1::BIGINT AS a', gone);
      expect((await execute(copy)).Error).toMatch(/Mandatory url/);
    });

    it('needs the sizes of the files, and a role that it may assume', async () => {
      await execute('CREATE TABLE s.t (a int8)');
      await put('SELECT 1::BIGINT AS a', { meta: undefined });
      expect((await execute(copy)).Error).toMatch(/content_length/);
      expect((await execute(copy.replace(ROLE, 'arn:other'))).Error).toMatch(/not authorized to assume/);
    });
  });
});
