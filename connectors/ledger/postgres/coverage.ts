import type { Gap } from '../../../core/coverage.ts';
import { toInstant, type DataInterval, type Instant } from '../../../core/interval.ts';
import type { NewestRow } from '../../../core/run.ts';
import type { PastLoad, RunRecord } from '../port.ts';
import type { Query } from './database.ts';
import { RUN_COLUMNS, toRun, type RunRow } from './rows.ts';

interface SpanRow {
  from: Date;
  until: Date;
}

const toSpan = ({ from, until }: SpanRow): DataInterval => ({
  start: toInstant(from),
  end: toInstant(until),
});

/**
 * Since when loads of a table are in it as it is: the one that made it was begun then, and who loads beside it may tell of it sooner. What
 * had been told of before it began is not there any more. A load that was applied already tells again that it made the table: that counts
 * where nobody had told before.
 */
const madeAt = (table: string) =>
  `coalesce((
     SELECT max(began) FROM (
       SELECT coalesce(max(made.started_at) FILTER (WHERE NOT again), min(made.started_at)) AS began
       FROM steps AS made, LATERAL (SELECT coalesce((made.result ->> 'alreadyApplied')::boolean, false) AS again) AS told
       WHERE made.step = 'load' AND made.outcome = 'succeeded' AND made.result ? 'madeTarget'
         AND made.pipeline = $1 AND made.table_name = ${table}
       GROUP BY made.result ->> 'loadId'
     ) AS makers
   ), '-infinity')`;

/** Loads of table `name` that end in the span, as the index has them. */
function endingIn(condition: string): string {
  return `SELECT interval_start, interval_end FROM steps
    WHERE ${condition} AND step = 'load' AND outcome = 'succeeded' AND pipeline = $1 AND table_name = name
      AND interval_end > $3 AND interval_end <= $4 ORDER BY interval_end`;
}

/**
 * Of what is loaded, what ends in the span and what reaches beyond it: what lies wholly behind it is not read, however much it is. A table
 * at a time, in the order of the index, and from it alone where the table was never made anew: that is three times as fast for millions.
 */
const LACKING = `WITH wanted AS MATERIALIZED (
       SELECT name, ${madeAt('name')} AS made_at FROM unnest($2::text[]) AS asked (name)
     ), beyond AS MATERIALIZED (
       SELECT table_name, steps.interval_start, steps.interval_end, steps.finished_at FROM runs JOIN steps USING (run_id)
       WHERE tstzrange(runs.interval_start, runs.interval_end) @> $4::timestamptz AND runs.pipeline = $1
         AND step = 'load' AND steps.outcome = 'succeeded' AND table_name = ANY ($2)
     ), pieces_loaded AS (
       SELECT name, spans FROM wanted, LATERAL (
         SELECT range_agg(tstzrange(interval_start, interval_end)) AS spans FROM (${endingIn("made_at = '-infinity'")}) AS ever
         UNION ALL
         SELECT range_agg(tstzrange(interval_start, interval_end)) FROM (
           ${endingIn("made_at > '-infinity' AND coalesce(finished_at, 'infinity') >= made_at")}
         ) AS since
         UNION ALL
         SELECT range_agg(tstzrange(interval_start, interval_end)) FROM beyond
         WHERE table_name = name AND coalesce(finished_at, 'infinity') >= made_at
       ) AS found
     ), lacking AS (
       SELECT name, tstzmultirange(tstzrange($3, $4)) - coalesce(range_agg(spans), '{}') AS spans
       FROM pieces_loaded GROUP BY name
     )`;

/**
 * Runs that have done the work of their interval: with all that a pipeline without tables has. One that leaves out the models alone
 * is one of a backfill, which builds them once at its end; of models alone, one has none where somebody has skipped them.
 */
const DONE = `pipeline = $1 AND outcome = 'succeeded' AND NOT coalesce(input -> 'skip' ? 'tasks', false)
  AND (definition -> 'tasks' <> '[]' OR NOT (coalesce(input -> 'skip' ? 'transform', false) OR EXISTS (
    SELECT FROM steps WHERE steps.run_id = runs.run_id AND step = 'transform' AND steps.outcome = 'skipped')))`;

async function notDone(query: Query, pipeline: string, span: DataInterval): Promise<Gap[]> {
  const rows = await query<SpanRow>(
    `SELECT lower(piece) AS from, upper(piece) AS until FROM unnest(
       tstzmultirange(tstzrange($2, $3)) - coalesce((
         SELECT range_agg(tstzrange(interval_start, interval_end)) FROM runs
         WHERE tstzrange(interval_start, interval_end) && tstzrange($2, $3) AND ${DONE}
       ), '{}')) AS piece ORDER BY lower(piece)`,
    [pipeline, span.start, span.end],
  );
  return rows.map((row) => ({ ...toSpan(row), tables: [] }));
}

export async function doneUpTo(query: Query, pipeline: string): Promise<Instant | undefined> {
  const [row] = await query<{ until: Date }>(
    `SELECT interval_end AS until FROM runs WHERE ${DONE} ORDER BY interval_end DESC LIMIT 1`,
    [pipeline],
  );
  return row && toInstant(row.until);
}

interface LoadRow {
  interval_start: Date;
  interval_end: Date;
  rows: string;
  made: boolean;
  newest: NewestRow | null;
}

export async function loadsBefore(
  query: Query,
  pipeline: string,
  table: string,
  { start, end }: { readonly start: Date; readonly end: Date },
): Promise<PastLoad[]> {
  const rows = await query<LoadRow>(
    `SELECT DISTINCT ON (interval_end, interval_start) interval_start, interval_end, coalesce(rows, 0) AS rows,
       coalesce(result ? 'madeTarget', false) AS made, result -> 'newest' AS newest
     FROM steps WHERE step = 'load' AND outcome = 'succeeded' AND pipeline = $1 AND table_name = $2
       AND interval_end > $3 AND interval_end <= $4
       AND coalesce(finished_at, 'infinity') >= ${madeAt('$2')}
     ORDER BY interval_end, interval_start, finished_at DESC`,
    [pipeline, table, start, end],
  );
  return rows.map((row) => ({
    interval: { start: toInstant(row.interval_start), end: toInstant(row.interval_end) },
    rows: Number(row.rows),
    madeTarget: row.made,
    ...(row.newest && { newest: row.newest }),
  }));
}

export async function missing(
  query: Query,
  pipeline: string,
  tables: readonly string[],
  span: DataInterval,
): Promise<Gap[]> {
  if (!tables.length) return notDone(query, pipeline, span);
  const rows = await query<SpanRow & { tables: string[] }>(
    `${LACKING}, pieces AS (
       SELECT unnest(spans) AS piece FROM lacking
     ), gaps AS (
       SELECT unnest(range_agg(piece)) AS gap FROM pieces
     )
     SELECT lower(gap) AS from, upper(gap) AS until,
       ARRAY(SELECT name FROM lacking WHERE spans && gap ORDER BY name) AS tables
     FROM gaps ORDER BY lower(gap)`,
    [pipeline, tables, span.start, span.end],
  );
  return rows.map((row) => ({ ...toSpan(row), tables: row.tables }));
}

/** As `missing`, each table for itself. */
export async function missingOf(
  query: Query,
  pipeline: string,
  tables: readonly string[],
  span: DataInterval,
): Promise<Gap[]> {
  if (!tables.length) return notDone(query, pipeline, span);
  const rows = await query<SpanRow & { name: string }>(
    `${LACKING} SELECT name, lower(piece) AS from, upper(piece) AS until
     FROM lacking, LATERAL unnest(spans) AS piece ORDER BY lower(piece), name`,
    [pipeline, tables, span.start, span.end],
  );
  return rows.map((row) => ({ ...toSpan(row), tables: [row.name] }));
}

export async function failed(
  query: Query,
  pipeline: string,
  tables: readonly string[],
  span: DataInterval,
): Promise<DataInterval[]> {
  const brought = (run: string) =>
    `(NOT ${run}.input ? 'tables' OR ${run}.input -> 'tables' @> to_jsonb($2::text[]))`;
  const rows = await query<SpanRow>(
    `WITH undone AS (
       SELECT unnest(tstzmultirange(tstzrange(run.interval_start, run.interval_end) * tstzrange($3, $4)) - coalesce((
         SELECT range_agg(tstzrange(later.interval_start, later.interval_end)) FROM runs AS later
         WHERE later.pipeline = $1 AND later.outcome = 'succeeded' AND later.started_at > run.started_at
           AND tstzrange(later.interval_start, later.interval_end) && tstzrange(run.interval_start, run.interval_end)
           AND ${brought('later')}
       ), '{}')) AS piece
       FROM runs AS run
       WHERE run.pipeline = $1 AND run.outcome IN ('failed', 'cancelled')
         AND tstzrange(run.interval_start, run.interval_end) && tstzrange($3, $4) AND ${brought('run')}
     ), stretches AS (
       SELECT unnest(range_agg(piece)) AS stretch FROM undone
     )
     SELECT lower(stretch) AS from, upper(stretch) AS until FROM stretches ORDER BY lower(stretch)`,
    [pipeline, tables, span.start, span.end],
  );
  return rows.map(toSpan);
}

export async function loadedUpTo(
  query: Query,
  pipeline: string,
  tables: readonly string[],
): Promise<Record<string, Instant>> {
  // From the newest end back, until none that is older can reach further.
  const next = (before: string) =>
    `SELECT interval_end, max(least(interval_end, (result #>> '{reach,upTo}')::timestamptz)) AS until FROM steps
     WHERE step = 'load' AND outcome = 'succeeded' AND pipeline = $1 AND table_name = name AND coalesce(finished_at, 'infinity') >= made_at AND interval_end = (
       SELECT max(interval_end) FROM steps
       WHERE step = 'load' AND outcome = 'succeeded' AND pipeline = $1 AND table_name = name AND coalesce(finished_at, 'infinity') >= made_at${before}
     ) GROUP BY interval_end`;
  const rows = await query<{ name: string; until: Date }>(
    `WITH wanted AS MATERIALIZED (
       SELECT name, ${madeAt('name')} AS made_at FROM unnest($2::text[]) AS asked (name)
     )
     SELECT name, max(reached.until) AS until FROM wanted, LATERAL (
       WITH RECURSIVE reached AS (
         (${next('')})
         UNION ALL
         SELECT earlier.interval_end, greatest(earlier.until, reached.until) FROM reached,
           LATERAL (${next(' AND interval_end < reached.interval_end')}) AS earlier
         WHERE reached.until < earlier.interval_end
       ) SELECT until FROM reached
     ) AS reached GROUP BY name`,
    [pipeline, tables],
  );
  return Object.fromEntries(rows.map(({ name, until }) => [name, toInstant(until)]));
}

/** One look-up per interval, however many runs there are. */
export async function newestIntervals(
  query: Query,
  pipeline: string,
  limit: number,
  before?: Instant,
): Promise<RunRecord[]> {
  const order = 'ORDER BY interval_start DESC, interval_end DESC, started_at DESC LIMIT 1';
  const rows = await query<RunRow>(
    `WITH RECURSIVE newest AS (
       (SELECT ${RUN_COLUMNS} FROM runs
        WHERE pipeline = $1 AND interval_start < coalesce($3::timestamptz, 'infinity') ${order})
       UNION ALL
       SELECT earlier.* FROM newest, LATERAL (
         SELECT ${RUN_COLUMNS} FROM runs
         WHERE pipeline = $1 AND (interval_start, interval_end) < (newest.interval_start, newest.interval_end) ${order}
       ) AS earlier
     ) SELECT * FROM newest LIMIT $2`,
    [pipeline, limit, before ?? null],
  );
  return rows.map(toRun);
}
