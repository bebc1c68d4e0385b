import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { Client } from 'pg';
import { expect, it } from 'vitest';
import { TerminalError } from '../../../core/errors.ts';
import type { DataInterval } from '../../../core/interval.ts';
import type { Manifest } from '../../../core/manifest.ts';
import type { Mark } from '../../../core/mark.ts';
import type { ResolvedTable } from '../../../core/pipeline.ts';
import type { Lake } from '../../lake/port.ts';
import type { Extracted, Source } from '../../source/port.ts';
import type { ExtractedTable, Extractor } from '../port.ts';
import { aRequest, aTable } from './request.ts';
import { FAILING, MARKS, TABLES } from './tables.ts';

/** A real database with the tables of `tables.ts`, what an extractor has made of them, and the source that it is held to. */
export interface Extracting {
  readonly extractor: Extractor;
  readonly lake: Lake;
  /** What became of `everything()`. */
  readonly extracted: readonly ExtractedTable[];
  /** The same database, as the worker reads it. */
  readonly source: Source;
  readonly url: string;
  readonly sql: (statement: string) => Promise<unknown>;
  /** Where an object of the lake lies on this machine. */
  readonly local: (uri: string) => string;
}

const MONTH = { start: '2018-01-01T00:00:00Z', end: '2018-02-01T00:00:00Z' };
const incremental = {
  mode: 'incremental',
  cursor: 'id',
  cursorNulls: 'fail',
  lookback: '0 seconds',
} as const;

/** All tables, with their marks. */
export function everything() {
  const request = aRequest([...TABLES, ...FAILING]);
  const tables = request.tables.map((each) => ({ ...each, mark: MARKS[each.table.name] }));
  return { ...request, interval: MONTH, tables };
}

/** What every extractor does as the worker does it; within a `describe` whose set-up has extracted `everything()`. */
export function asTheWorker(of: () => Extracting): void {
  const manifestOf = (name: string) => {
    const found = of().extracted.find(({ table }) => table === name);
    if (!found || 'error' in found) throw new Error(`${name}: ${found?.error.message ?? 'no entry'}`);
    return found;
  };
  const errorOf = (name: string) => {
    const found = of().extracted.find(({ table }) => table === name);
    return found && 'error' in found ? found.error : undefined;
  };
  const localPaths = (name: string) => {
    const { manifestUri, manifest } = manifestOf(name);
    return of().lake.fileUris(manifestUri, manifest).map(of().local);
  };

  for (const table of TABLES) {
    it(`gives ${table.name} as PostgresSource does: schema, mark, rows, every value`, async () => {
      const { manifest } = manifestOf(table.name);
      const folder = await mkdtemp(join(tmpdir(), 'by-worker-'));
      try {
        const ours = await byWorker(of(), table, folder, MONTH, MARKS[table.name]);
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
      expect(await of().lake.readManifest(manifestUri)).toEqual(manifest);
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
    for (const part of ['CANARY7319', 'Brien', 'Elm St'])
      expect(errorOf('cast_in_view')?.message).not.toContain(part);
    for (const { name, domain } of FAILING) {
      expect(errorOf(name)).toBeInstanceOf(TerminalError);
      for await (const load of of().lake.list({ pipeline: 'shop', domain, table: name }))
        expect(load).toBeUndefined();
    }
  });

  it('reads in local time and beside an open transaction as far as PostgresSource does, and the rest once it has ended', async () => {
    const { extractor, sql, url } = of();
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
    await sql(`CREATE TABLE local (id int PRIMARY KEY, at timestamp, day date);
      INSERT INTO local SELECT row_number() OVER (), at, at::date FROM unnest(ARRAY['2018-10-27 23:59:59', '2018-10-28 00:00',
        '2018-10-28 02:30', '2018-10-28 23:59', '2018-10-29 00:00']::timestamp[]) AS at;
      CREATE TABLE held (id serial PRIMARY KEY, at timestamptz(0) DEFAULT now());
      CREATE TABLE held_local (id serial PRIMARY KEY, at timestamp DEFAULT (now() AT TIME ZONE 'America/New_York'));
      CREATE TABLE held_days (id serial PRIMARY KEY, at date DEFAULT current_date)`);
    const insert = (at: string) =>
      ['held', 'held_local', 'held_days'].map((name) => `INSERT INTO ${name} (at) VALUES (${at})`).join('; ');
    await sql(insert(`now() - interval '3 days'`));
    const slow = new Client({ connectionString: url });
    await slow.connect();
    await slow.query(`BEGIN; ${insert('DEFAULT')}`);
    await sql('SELECT pg_sleep(1.2)');
    await sql(insert('DEFAULT'));

    const read = async (marks: Readonly<Record<string, Mark>>) => {
      const request = { ...aRequest(tables), interval };
      const given = request.tables.map((each) => ({ ...each, mark: marks[each.table.name] }));
      const byJob = await extractor.extractAll({ ...request, tables: given }, never());
      const found: Record<string, Manifest> = {};
      for (const [at, table] of tables.entries()) {
        const entry = byJob[at];
        if (!entry || 'error' in entry) throw entry?.error ?? new Error(table.name);
        found[table.name] = entry.manifest;
        const folder = await mkdtemp(join(tmpdir(), 'by-worker-'));
        const ours = await byWorker(of(), table, folder, interval, marks[table.name]);
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
      await sql('SELECT pg_sleep(1.5)');
      const marks = held.map(({ name }) => [name, { value: first[name]?.highWaterMark ?? '', cursor: null }]);
      const second = await read(Object.fromEntries(marks) as Record<string, Mark>);
      expect(held.map(({ name }) => second[name]?.rows)).toEqual([3, 2, 2, 2]);
    } finally {
      await slow.end();
    }
  });
}

function never(): AbortSignal {
  return new AbortController().signal;
}

function byWorker(
  { source }: Extracting,
  table: ResolvedTable,
  directory: string,
  interval: DataInterval,
  mark: Mark | undefined,
): Promise<Extracted> {
  return source.extract({ table, interval, mark, directory }, never());
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
