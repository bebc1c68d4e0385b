import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CloudWatchLogsClient, GetLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { DuckDBInstance } from '@duckdb/node-api';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { missingForStack } from '../../../aws-local/services/stack.ts';
import { resolvePipeline } from '../../../core/resolve.ts';
import type { Manifest } from '../../../core/manifest.ts';
import type { Mark } from '../../../core/mark.ts';
import type { ResolvedTable } from '../../../core/pipeline.ts';
import { olist } from '../../../pipelines/olist.ts';
import { seedOlist } from '../../../seed/index.ts';
import { findExtension } from '../../duckdb/extension.ts';
import { PostgresSource } from '../../source/postgres/source.ts';
import type { Extracted } from '../../source/port.ts';
import {
  aRequest,
  aTable,
  BUCKET,
  startHarness,
  type GlueHarness,
} from '../../../aws-local/glue/extractor-harness.ts';
import type { ExtractedTable } from '../port.ts';
import { matrixSql } from './type-matrix.ts';

const missing = missingForStack();
const incremental = {
  mode: 'incremental',
  cursor: 'id',
  cursorNulls: 'fail',
  lookback: '0 seconds',
} as const;

const strays = { cursorNulls: 'fail', cursorOutOfRange: 'exclude' } as const;
/** Unmistakable, and of the kind that spoils quotes. */
const CANARY = `O''Brien "CANARY7319" of 12 Elm St`;

/** Every shape of table that a run may hold; what a job does to all of them is looked at from many sides below. */
const TABLES: readonly ResolvedTable[] = [
  ...resolvePipeline(olist).tables,
  aTable({ name: 'matrix' }),
  aTable({ name: 'odd', from: '"Odd. Schema"."Odd ""Table"""', exclude: ['left out'] }),
  aTable({ name: 'big' }),
  aTable({ name: 'open_numbers', types: { n: 'decimal(20,4)', s: 'string' } }),
  aTable({ name: 'counted', extract: incremental }),
  aTable({ name: 'past', extract: incremental }),
  aTable({ name: 'empty' }),
  aTable({ name: 'partitioned' }),
  ...['at', 'local', 'day'].map((cursor) =>
    aTable({ name: `strays_by_${cursor}`, from: 'strays', extract: { ...strays, mode: 'interval', cursor } }),
  ),
  aTable({ name: 'strays_since', from: 'strays', extract: { ...incremental, ...strays, cursor: 'at' } }),
  aTable({
    name: 'strays_of_numbers',
    types: { n: 'string' },
    extract: { ...incremental, ...strays, cursor: 'n' },
  }),
];
const FAILING: readonly ResolvedTable[] = [
  aTable({ name: 'cast_in_view' }),
  aTable({ name: 'strays', extract: { mode: 'interval', cursor: 'at', cursorNulls: 'fail' } }),
  aTable({
    name: 'stray_numbers',
    from: 'strays_of_numbers',
    types: { n: 'string' },
    extract: { ...incremental, cursor: 'n' },
  }),
  aTable({ name: 'absent' }),
  aTable({ name: 'lossy', primaryKey: ['id'] }),
  aTable({ name: 'unbounded' }),
  aTable({ name: 'no_cursor', extract: { mode: 'interval', cursor: 'at', cursorNulls: 'fail' } }),
  aTable({ name: 'set_back', extract: incremental }),
  aTable({ name: 'kept', extract: incremental }),
  aTable({ name: 'loose', extract: incremental, write: 'append', primaryKey: [] }),
  aTable({ name: 'texts', extract: { ...incremental, cursor: 't' }, write: 'append', primaryKey: [] }),
];

/** Where incremental tables go on from. */
const MARKS: Readonly<Record<string, Mark>> = {
  counted: { value: '4', cursor: null },
  past: { value: '9', cursor: null },
  set_back: { value: '9', cursor: null },
};

const SETUP = `
  CREATE SCHEMA "Odd. Schema";
  CREATE TABLE "Odd. Schema"."Odd ""Table""" ("a b" int, "select" text, "left out" text, "Ünï,x" text);
  INSERT INTO "Odd. Schema"."Odd ""Table""" VALUES (1, 'x', 'y', 'z');
  CREATE TABLE big AS SELECT i AS id, repeat(md5(i::text), 4) AS t FROM generate_series(1, 300000) i;
  CREATE TABLE open_numbers (id int, n numeric, s numeric);
  INSERT INTO open_numbers VALUES (1, 12.3400, 'NaN'), (2, -1, 1e-30), (3, NULL, NULL);
  CREATE TABLE counted (id bigint PRIMARY KEY, t text); INSERT INTO counted SELECT i, i FROM generate_series(1, 9) i;
  CREATE TABLE past (id int PRIMARY KEY); INSERT INTO past VALUES (1), (3);
  CREATE TABLE set_back (id serial PRIMARY KEY, t text); INSERT INTO set_back (t) VALUES ('a'), ('b');
  CREATE MATERIALIZED VIEW kept AS SELECT * FROM set_back;
  CREATE TABLE loose (id int); CREATE TABLE texts (t text UNIQUE);
  CREATE TABLE strays (id serial PRIMARY KEY, at timestamptz, local timestamp, day date);
  INSERT INTO strays (at, local, day) SELECT at, at, at FROM unnest(ARRAY['2018-01-05', '2018-02-05', 'infinity', '-infinity',
    '20231-01-05', '0044-03-15 BC', '2999-01-01']::timestamp[]) AS at;
  CREATE TABLE strays_of_numbers (n numeric UNIQUE);
  INSERT INTO strays_of_numbers VALUES (1), (2.5), ('NaN'), ('Infinity'), ('-Infinity');
  CREATE TABLE casting AS SELECT i AS id, '1' AS t FROM generate_series(1, 9) i; INSERT INTO casting VALUES (10, '${CANARY}');
  CREATE VIEW cast_in_view AS SELECT id, t::int AS t FROM casting;
  CREATE TABLE empty (id int, at timestamp);
  CREATE TABLE partitioned (id int, t text) PARTITION BY RANGE (id);
  CREATE TABLE partitioned_a PARTITION OF partitioned FOR VALUES FROM (0) TO (100);
  CREATE TABLE partitioned_b PARTITION OF partitioned FOR VALUES FROM (100) TO (200);
  INSERT INTO partitioned SELECT i, i FROM generate_series(0, 199) i;
  CREATE TABLE lossy (id int, n numeric(5,2)); INSERT INTO lossy VALUES (1, 1), (7, 'NaN');
  CREATE TABLE unbounded (n numeric);
  CREATE TABLE no_cursor (id int, at timestamp); INSERT INTO no_cursor VALUES (1, NULL)`;

if (missing.length)
  describe.skip(`GlueExtractor NOT TESTED: ${missing.join(' ')}`, () => it('extracts', () => undefined));
else describe('GlueExtractor', { timeout: 600_000 }, extracts);

function extracts(): void {
  let harness: GlueHarness;
  let extracted: readonly ExtractedTable[];
  const request = {
    ...aRequest([...TABLES, ...FAILING]),
    interval: { start: '2018-01-01T00:00:00Z', end: '2018-02-01T00:00:00Z' },
  };
  const states: unknown[] = [];
  beforeAll(async () => {
    harness = await startHarness();
    await seedOlist(harness.url.href, { orders: 2_000 });
    await harness.sql(matrixSql());
    await harness.sql(SETUP);
    const tables = request.tables.map((each) =>
      each.table.name in MARKS ? { ...each, mark: MARKS[each.table.name] } : each,
    );
    extracted = await harness.extractor.extractAll({ ...request, tables }, never(), (state) =>
      states.push(state),
    );
  }, 600_000);
  afterAll(() => harness.stop());

  const manifestOf = (name: string) => {
    const found = extracted.find(({ table }) => table === name);
    if (!found || 'error' in found) throw new Error(`${name}: ${found?.error.message ?? 'no entry'}`);
    return found;
  };
  const errorOf = (name: string) => {
    const found = extracted.find(({ table }) => table === name);
    return found && 'error' in found ? found.error : undefined;
  };
  const localPaths = (name: string) => {
    const { manifestUri, manifest } = manifestOf(name);
    return harness.lake
      .fileUris(manifestUri, manifest)
      .map((uri) => uri.replace(`s3://${BUCKET}`, join(harness.stack.s3.objects ?? '', BUCKET)));
  };

  it('takes one job run for all tables, and says where it is', () => {
    const ids = new Set(states.flatMap((state) => (state as { jobRunId?: string }).jobRunId ?? []));
    expect(ids.size).toBe(1);
    expect(states).toContainEqual(expect.objectContaining({ state: 'RUNNING' }));
  });

  for (const table of TABLES) {
    it(`gives ${table.name} as PostgresSource does: schema, mark, rows, every value`, async () => {
      const { manifest } = manifestOf(table.name);
      const folder = await mkdtemp(join(tmpdir(), 'by-worker-'));
      try {
        const ours = await byWorker(harness, table, folder, request.interval, MARKS[table.name]);
        expect(manifest.schema).toEqual(ours.schema);
        expect(manifest).toMatchObject({
          rows: ours.rows,
          highWaterMark: ours.highWaterMark,
          coercions: ours.coercions,
        });
        expect(manifest.cursor).toEqual(ours.cursor);
        expect(manifest.since).toEqual(ours.since);
        expect(manifest.notes).toEqual(ours.notes);
        expect(manifest.reach?.upTo).toMatch(/Z$/);
        expect(manifest.files).toHaveLength(ours.files.length);
        const theirs = ours.files.map(({ path }) => join(folder, path));
        if (ours.rows) expect(await differences(localPaths(table.name), theirs)).toEqual([0, 0]);
      } finally {
        await rm(folder, { recursive: true });
      }
    });
  }

  it('measures what is really in S3', async () => {
    for (const { name } of TABLES) {
      const { manifest, manifestUri } = manifestOf(name);
      expect(await harness.lake.readManifest(manifestUri)).toEqual(manifest);
      const files = await Promise.all(localPaths(name).map((path) => readFile(path)));
      expect(manifest.files.map(({ bytes, sha256 }) => [bytes, sha256])).toEqual(
        files.map((bytes) => [bytes.length, createHash('sha256').update(bytes).digest('hex')]),
      );
    }
  });

  it('gives each failing table an error that names it and the next step, and nothing of it to the lake', async () => {
    expect(errorOf('absent')?.message).toMatch(
      /Table "public"."absent" is not in the database; it has .*Correct 'from'/,
    );
    expect(errorOf('lossy')?.message).toMatch(
      /column 'n': 1 row holds NaN, which decimal\(5,2\) does not hold\. Correct/,
    );
    expect(errorOf('unbounded')?.message).toMatch(
      /column 'n' \(numeric\) has no declared precision; set types/,
    );
    expect(errorOf('no_cursor')?.message).toMatch(/1 row whose cursor 'at' is NULL.*cursorNulls: 'exclude'/);
    expect(errorOf('set_back')?.message).toMatch(
      /sequence set_back_id_seq stands at 2: the source was set back/,
    );
    expect(errorOf('kept')?.message).toMatch(/is a materialized view: its rows come when it is refreshed/);
    expect(errorOf('loose')?.message).toMatch(/no sequence gives and no unique index guards/);
    expect(errorOf('texts')?.message).toMatch(/is a text, which later rows need not come after/);
    expect(errorOf('strays')?.message).toMatch(
      /4 rows whose cursor 'at' is infinite, or outside of the years 1 to 9999.*cursorOutOfRange: 'exclude'/,
    );
    expect(errorOf('stray_numbers')?.message).toMatch(/3 rows whose cursor 'n' is infinite, or no number/);
    for (const { name, domain } of FAILING) {
      expect(errorOf(name)?.name).toBe('TerminalError');
      for await (const load of harness.lake.list({ pipeline: 'shop', domain, table: name }))
        expect(load).toBeUndefined();
    }
  });

  it('says nothing of a value, neither in the failure nor in its result nor in the log', async () => {
    const failure = errorOf('cast_in_view')?.message ?? '';
    expect(failure).toMatch(
      /Table 'cast_in_view' could not be read: ERROR: invalid input syntax for type integer: "…". Correct it/,
    );
    const result = await harness.lake.landing(request.token).text('results/cast_in_view.json');
    const jobRunId = states.flatMap((state) => (state as { jobRunId?: string }).jobRunId ?? [])[0] ?? '';
    const place = { logGroupName: '/aws-glue/jobs/error', logStreamName: jobRunId, limit: 10_000 };
    const { events = [] } = await new CloudWatchLogsClient().send(new GetLogEventsCommand(place));
    const log = events.map(({ message }) => message).join('\n');
    for (const text of [failure, result, log]) {
      expect(text).toContain('cast_in_view');
      for (const part of ['CANARY7319', 'Brien', 'Elm St']) expect(text).not.toContain(part);
    }
  });

  it('reads again only what failed when asked again, and keeps what was read until it is released', async () => {
    await harness.sql(`UPDATE lossy SET n = 3 WHERE id = 7`);
    const again = aRequest([aTable({ name: 'matrix' }), aTable({ name: 'lossy' })], request.token);
    const both = await harness.extractor.extractAll({ ...again, interval: request.interval }, never());
    expect(both.map((each) => ('manifest' in each ? each.manifest.rows : each.error.message))).toEqual([
      manifestOf('matrix').manifest.rows,
      2,
    ]);
    const matrix = both[0] as { manifest: Manifest };
    expect(matrix.manifest.extractedAt).toBe(manifestOf('matrix').manifest.extractedAt);
    const left = () => harness.lake.landing(request.token).text('results/lossy.json');
    expect(await left()).toBeDefined();
    await harness.extractor.release(request.token);
    expect(await left()).toBeUndefined();
  });

  it('reads in local time and beside an open transaction as far as PostgresSource does, and the rest once it has ended', async () => {
    const zone = { timezone: 'Europe/Rome' };
    const ofDay = (name: string, cursor: string) =>
      aTable({ name, from: 'local', extract: { mode: 'interval', cursor, cursorNulls: 'fail' }, ...zone });
    const since = (name: string, fields: Partial<ResolvedTable>) =>
      aTable({ name, extract: { ...incremental, cursor: 'at' }, primaryKey: ['id'], ...fields });
    const held = [
      since('held', { write: 'merge' }),
      since('held_appended', { from: 'held', write: 'append', primaryKey: [] }),
      since('held_local', { write: 'append', primaryKey: [], timezone: 'America/New_York' }),
      since('held_days', { write: 'merge' }),
    ];
    const tables = [ofDay('by_time', 'at'), ofDay('by_day', 'day'), ...held];
    // A day of 25 hours.
    const interval = { start: '2018-10-27T22:00:00Z', end: '2018-10-28T23:00:00Z' };
    await harness.sql(`CREATE TABLE local (id int PRIMARY KEY, at timestamp, day date);
      INSERT INTO local SELECT row_number() OVER (), at, at::date FROM unnest(ARRAY['2018-10-27 23:59:59', '2018-10-28 00:00',
        '2018-10-28 02:30', '2018-10-28 23:59', '2018-10-29 00:00']::timestamp[]) AS at;
      CREATE TABLE held (id serial PRIMARY KEY, at timestamptz(0) DEFAULT now());
      CREATE TABLE held_local (id serial PRIMARY KEY, at timestamp DEFAULT (now() AT TIME ZONE 'America/New_York'));
      CREATE TABLE held_days (id serial PRIMARY KEY, at date DEFAULT current_date)`);
    const insert = (at: string) =>
      ['held', 'held_local', 'held_days'].map((name) => `INSERT INTO ${name} (at) VALUES (${at})`).join('; ');
    await harness.sql(insert(`now() - interval '3 days'`));
    const slow = new Client({ connectionString: harness.url.href });
    await slow.connect();
    await slow.query(`BEGIN; ${insert('DEFAULT')}`);
    await harness.sql('SELECT pg_sleep(1.2)');
    await harness.sql(insert('DEFAULT'));

    const read = async (marks: Readonly<Record<string, Mark>>) => {
      const request = { ...aRequest(tables), interval };
      const given = request.tables.map((each) => ({ ...each, mark: marks[each.table.name] }));
      const byJob = await harness.extractor.extractAll({ ...request, tables: given }, never());
      const found: Record<string, Manifest> = {};
      for (const [at, table] of tables.entries()) {
        const entry = byJob[at];
        if (!entry || 'error' in entry) throw entry?.error ?? new Error(table.name);
        found[table.name] = entry.manifest;
        const folder = await mkdtemp(join(tmpdir(), 'by-worker-'));
        const ours = await byWorker(harness, table, folder, interval, marks[table.name]);
        await rm(folder, { recursive: true });
        const { rows, highWaterMark, cursor } = entry.manifest;
        expect({ rows, highWaterMark, cursor }).toEqual({
          rows: ours.rows,
          highWaterMark: ours.highWaterMark,
          cursor: ours.cursor,
        });
        // How far it reaches goes on with the clock, unless it is held.
        if (ours.reach.heldBy) expect(entry.manifest.reach).toEqual(ours.reach);
      }
      return found;
    };
    try {
      const first = await read({});
      expect(first['by_time']?.rows).toBe(3);
      expect(first['by_day']?.rows).toBe(3);
      for (const { name } of held) expect(first[name]?.reach?.heldBy).toMatch(/open transaction of pid \d+/);
      expect(held.map(({ name }) => first[name]?.rows)).toEqual([1, 1, 1, 2]); // a day is read up to itself, where it is merged
      await slow.query('COMMIT');
      await harness.sql('SELECT pg_sleep(1.5)');
      const marks = held.map(({ name }) => [name, { value: first[name]?.highWaterMark ?? '', cursor: null }]);
      const second = await read(Object.fromEntries(marks) as Record<string, Mark>);
      expect(held.map(({ name }) => second[name]?.rows)).toEqual([3, 2, 2, 2]);
    } finally {
      await slow.end();
    }
  });

  it('says whose secret is missing', async () => {
    const { extractor } = harness.reopened({
      secretArn: 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:none',
    });
    const [matrix] = await extractor.extractAll(aRequest([aTable({ name: 'matrix' })]), never());
    expect(matrix).toMatchObject({
      error: {
        name: 'TerminalError',
        message: expect.stringMatching(/There is no secret arn:aws:.*:none.*Create it/) as string,
      },
    });
  });
}

function never(): AbortSignal {
  return new AbortController().signal;
}

async function byWorker(
  { url }: GlueHarness,
  table: ResolvedTable,
  directory: string,
  interval: { start: string; end: string },
  mark: Mark | undefined,
): Promise<Extracted> {
  const extensionFile = findExtension('postgres_scanner', {
    pythonHome: join(process.cwd(), '.tools/python'),
  });
  const source = new PostgresSource({
    name: 'source',
    host: url.hostname,
    port: Number(url.port),
    database: url.pathname.slice(1),
    user: url.username,
    password: url.password,
    ...(extensionFile === undefined ? {} : { extensionFile }),
  });
  try {
    return await source.extract({ table, interval, mark, directory }, never());
  } finally {
    await source.close();
  }
}

/** Rows, with how often they come, that one side has and the other has not. */
async function differences(left: readonly string[], right: readonly string[]): Promise<number[]> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  const connection = await instance.connect();
  await connection.run(`SET TimeZone = 'UTC'`);
  const list = (paths: readonly string[]) =>
    `read_parquet([${paths.map((path) => `'${path.replaceAll("'", "''")}'`).join(', ')}], hive_partitioning = false)`;
  const count = async (a: string, b: string) =>
    Number(
      (
        await connection.runAndReadAll(`SELECT count(*) FROM (FROM ${a} EXCEPT ALL FROM ${b})`)
      ).getRows()[0]?.[0],
    );
  const types = async (table: string) => (await connection.runAndReadAll(`DESCRIBE FROM ${table}`)).getRows();
  try {
    expect(await types(list(left))).toEqual(await types(list(right)));
    return [await count(list(left), list(right)), await count(list(right), list(left))];
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
