import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import type { Column } from '../../../../core/schema.ts';
import { parquetOptions, type ParquetVersion } from '../../../duckdb/parquet-options.ts';
import { duckDbType } from '../../../duckdb/types.ts';
import { duckdbLiteral, identifier } from '../sql.ts';

export interface Unresolved {
  readonly duckdb: DuckDBConnection;
  readonly directory: string;
  readonly files: readonly { readonly path: string; readonly rows: number }[];
  readonly columns: readonly Column[];
  readonly key: readonly string[];
  readonly parquetVersion: ParquetVersion;
}

/**
 * Fills in the values that changes leave out because they had not changed, from the changes before them of the same row, also where its
 * key was another one. What no change of the window tells stays out; where its row had another key before the window, `_base` says which.
 *
 * A row's life goes on from an insert, or from the update that moved it to its key, which is the one after the deletion of its old key:
 * its place is the deletion's and one.
 */
export async function resolveUnchanged(window: Unresolved): Promise<void> {
  const { duckdb, directory, files, key } = window;
  const source = `read_parquet([${files.map(({ path }) => duckdbLiteral(join(directory, path))).join(', ')}])`;
  const reader = await duckdb.runAndReadAll(
    `SELECT DISTINCT unnest(from_json(_unchanged, '["VARCHAR"]')) AS name FROM ${source} WHERE _unchanged IS NOT NULL ORDER BY 1`,
  );
  const names = reader.getRows().map(([name]) => String(name));
  const columns = window.columns.filter(({ name }) => names.includes(name));
  if (!columns.length) return;
  const keys = key.map(identifier);
  await duckdb.run(`CREATE OR REPLACE TEMP TABLE _sluice_lives AS ${livesOf(source, keys, columns)}`);
  await duckdb.run(`CREATE OR REPLACE TEMP TABLE _sluice_fills AS ${fillsOf(columns)}`);
  for (const { path } of files) {
    const place = join(directory, path);
    await duckdb.run(
      `COPY (${filled(place, window.columns, columns)}) TO ${duckdbLiteral(`${place}.filled`)} (${parquetOptions(window.parquetVersion)})`,
    );
    await rename(`${place}.filled`, place);
  }
  await duckdb.run('DROP TABLE _sluice_lives');
  await duckdb.run('DROP TABLE _sluice_fills');
}

/** Whether a change leaves a column out: the name as JSON, at the list's begin or after a comma that is not within a name. */
function leavesOut(name: string): string {
  return `list_contains(from_json(_unchanged, '["VARCHAR"]'), ${duckdbLiteral(name)})`;
}

/**
 * Every change of keys that a value is left out of, or that a row with one came from: the begin of its life, and what is known of each
 * column by then. `start` is null where the life began before the window.
 */
function livesOf(source: string, keys: readonly string[], columns: readonly Column[]): string {
  const by = `PARTITION BY ${keys.join(', ')}`;
  const sent = columns.map(
    ({ name }, at) =>
      `CASE WHEN _op IN ('I', 'U') AND NOT coalesce(${leavesOut(name)}, false) THEN {'v': ${identifier(name)}} END AS s${at}`,
  );
  const known = columns.map((_, at) => `last_value(s${at} IGNORE NULLS) OVER life AS k${at}`);
  return (
    `WITH open AS (SELECT * FROM ${source} WHERE _unchanged IS NOT NULL), ` +
    `near AS (SELECT ${keys.join(', ')} FROM open UNION SELECT ${keys.map((name) => `d.${name}`).join(', ')} FROM ${source} AS d ` +
    `JOIN open ON d._commit_lsn = open._commit_lsn AND d._seq + 1 = open._seq WHERE d._op = 'D' AND open._seq % 2 = 1), ` +
    `rows AS (SELECT ${keys.join(', ')}, _commit_lsn AS lsn, _seq AS seq, _unchanged IS NOT NULL AS open, (_op = 'I' OR _seq % 2 = 1) AS begins, ${sent.join(', ')} ` +
    `FROM ${source} SEMI JOIN near USING (${keys.join(', ')}) WHERE _op <> 'T'), ` +
    `lives AS (SELECT *, count(*) FILTER (begins) OVER (${by} ORDER BY lsn, seq) AS life FROM rows) ` +
    `SELECT lsn, seq, open, first_value(CASE WHEN begins THEN {'lsn': lsn, 'seq': seq} END) OVER life AS start, ${known.join(', ')} ` +
    `FROM lives WINDOW life AS (${by}, life ORDER BY lsn, seq ROWS UNBOUNDED PRECEDING)`
  );
}

/** Of each change that leaves something out: the values that are known by now, and the change whose key is the one before the window. */
function fillsOf(columns: readonly Column[]): string {
  const own = columns.map((_, at) => `l.k${at}`);
  const further = columns.map((_, at) => `coalesce(w.k${at}, d.k${at})`);
  const names = columns.map((_, at) => `k${at}`);
  return (
    `WITH RECURSIVE walk(lsn, seq, start, base, ${names.join(', ')}) AS (` +
    `SELECT l.lsn, l.seq, l.start, NULL::VARCHAR, ${own.join(', ')} FROM _sluice_lives AS l WHERE l.open ` +
    `UNION ALL SELECT w.lsn, w.seq, d.start, d.lsn || ':' || d.seq, ${further.join(', ')} FROM walk AS w ` +
    `JOIN _sluice_lives AS d ON d.lsn = w.start.lsn AND d.seq = w.start.seq - 1 AND w.start.seq % 2 = 1) ` +
    `SELECT lsn, seq, base, ${names.join(', ')} FROM walk WHERE start IS NULL OR start.seq % 2 = 0`
  );
}

function filled(file: string, all: readonly Column[], columns: readonly Column[]): string {
  const still = columns.map(
    ({ name }, at) =>
      `CASE WHEN ${leavesOut(name)} AND f.k${at} IS NULL THEN ${duckdbLiteral(JSON.stringify(name))} END`,
  );
  const left = `list_filter([${still.join(', ')}], lambda name: name IS NOT NULL)`;
  const values = all.map(({ name, type }) => {
    const column = identifier(name);
    if (name === '_unchanged')
      return `CASE WHEN _unchanged IS NOT NULL AND len(${left}) > 0 THEN '[' || array_to_string(${left}, ',') || ']' END AS _unchanged`;
    if (name === '_base') return `CASE WHEN len(${left}) > 0 THEN f.base END AS _base`;
    const at = columns.findIndex((each) => each.name === name);
    if (at < 0) return column;
    return `CASE WHEN ${leavesOut(name)} THEN f.k${at}.v::${duckDbType(type)} ELSE ${column} END AS ${column}`;
  });
  return (
    `SELECT ${values.join(', ')} FROM read_parquet(${duckdbLiteral(file)}) ` +
    `LEFT JOIN _sluice_fills AS f ON _commit_lsn = f.lsn AND _seq = f.seq AND _unchanged IS NOT NULL`
  );
}
