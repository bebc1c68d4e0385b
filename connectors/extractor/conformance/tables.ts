import type { Mark } from '../../../core/mark.ts';
import type { ResolvedTable } from '../../../core/pipeline.ts';
import { resolvePipeline } from '../../../core/resolve.ts';
import { olist } from '../../../pipelines/olist.ts';
import { aTable } from './request.ts';
import { matrixSql } from './type-matrix.ts';

const incremental = {
  mode: 'incremental',
  cursor: 'id',
  cursorNulls: 'fail',
  lookback: '0 seconds',
} as const;

const strays = { cursorNulls: 'fail', cursorOutOfRange: 'exclude' } as const;
/** Unmistakable, and of the kind that spoils quotes. */
export const CANARY = `O''Brien "CANARY7319" of 12 Elm St`;

/** Every shape of table that a run may hold. */
export const TABLES: readonly ResolvedTable[] = [
  ...resolvePipeline(olist).tables,
  aTable({ name: 'matrix' }),
  aTable({ name: 'odd', from: '"Odd. Schema"."Odd ""Table"""', exclude: ['left out'] }),
  aTable({ name: 'big' }),
  aTable({ name: 'wide' }),
  aTable({ name: 'one_column' }),
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
/** Those of which each must fail, and no other with it. */
export const FAILING: readonly ResolvedTable[] = [
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
export const MARKS: Readonly<Record<string, Mark>> = {
  counted: { value: '4', cursor: null },
  past: { value: '9', cursor: null },
  set_back: { value: '9', cursor: null },
};

/** Statements that make them, but for those of `olist`. */
export const SETUP = `
  ${matrixSql()};
  CREATE SCHEMA "Odd. Schema";
  CREATE TABLE "Odd. Schema"."Odd ""Table""" ("a b" int, "select" text, "left out" text, "Ünï,x" text);
  INSERT INTO "Odd. Schema"."Odd ""Table""" VALUES (1, 'x', 'y', 'z');
  CREATE TABLE big AS SELECT i AS id, repeat(md5(i::text), 4) AS t FROM generate_series(1, 300000) i;
  CREATE TABLE wide (id int, t text); INSERT INTO wide VALUES (1, repeat('a "b",' || E'\\n', 500000)), (2, 'short');
  CREATE TABLE one_column (t text); INSERT INTO one_column VALUES (''), (NULL), (E'\\\\N'), ('NULL'), (E'\\\\.'), (E'\\n'), ('"'), (NULL);
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
