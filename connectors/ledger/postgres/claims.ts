import { toInstant, type DataInterval } from '../../../core/interval.ts';
import type { ArrivedFile, ClaimedFile } from '../../../core/arrived-file.ts';
import type { ClaimRequest, Claims, Look, WaitingBatches } from '../claims.ts';
import type { Query } from './database.ts';
import { numberOf } from './leases.ts';

const CLAIMS = 7_205_762; // any number; with a pipeline's, it names the lock under which files are claimed for it

/**
 * Claims what is new in a listing, within the transaction of `query`. A file is new when its newest claim that was
 * not passed over is of another version. It
 * waits while it has not stood still for long enough, and while the run of a version before it has not ended: so no run of an older
 * version can write after one of a newer.
 */
export async function claimFiles(query: Query, request: ClaimRequest): Promise<Claims> {
  const { pipeline, place, files, settleMs, batch } = request;
  await query('SELECT pg_advisory_xact_lock($1, $2)', [CLAIMS, numberOf(pipeline)]);
  const fresh = await freshFiles(query, pipeline, place, files);
  const settled = await settledKeys(query, pipeline, place, fresh, settleMs);
  const busy = await busyKeys(query, pipeline, place, fresh);
  const ready = fresh.filter(({ key }) => settled.has(key) && !busy.has(key));
  if (ready.length) await claim(query, pipeline, place, inOrder(ready), batch);
  return { claimed: ready.length, waiting: fresh.length - ready.length };
}

/** The files of the batches that lie in an interval, in order of arrival; of a name that was claimed more than once, the newest of them. */
export async function claimed(
  query: Query,
  pipeline: string,
  { start, end }: DataInterval,
): Promise<ClaimedFile[]> {
  const rows = await query<{ place: string; key: string; version: string; bytes: string; newest: boolean }>(
    `SELECT place, key, version, bytes, newest FROM (
       SELECT DISTINCT ON (place, key) place, key, version, bytes, arrived_at, interval_start,
         NOT EXISTS (SELECT FROM file_claims AS later WHERE (later.pipeline, later.place, later.key) = (file_claims.pipeline, file_claims.place, file_claims.key)
                     AND later.interval_start > file_claims.interval_start) AS newest
       FROM file_claims WHERE pipeline = $1 AND interval_start >= $2 AND interval_start < $3
       ORDER BY place, key, interval_start DESC
     ) AS found ORDER BY interval_start, arrived_at, key COLLATE "C"`,
    [pipeline, start, end],
  );
  return rows.map(({ bytes, ...row }) => ({ ...row, bytes: Number(bytes) }));
}

export async function batches(
  query: Query,
  pipeline: string,
  { start, end }: DataInterval,
): Promise<DataInterval[]> {
  const rows = await query<BatchRow>(
    `SELECT interval_start, interval_end FROM file_batches
     WHERE pipeline = $1 AND interval_start >= $2 AND interval_end <= $3 ORDER BY interval_start`,
    [pipeline, start, end],
  );
  return rows.map(toInterval);
}

export async function waitingBatches(query: Query, pipeline: string, limit: number): Promise<WaitingBatches> {
  const rows = await query<BatchRow>(
    `SELECT interval_start, interval_end FROM file_batches WHERE pipeline = $1 AND run_id IS NULL ORDER BY interval_start LIMIT $2`,
    [pipeline, limit],
  );
  const [under] = await query<{ runs: string }>(
    `SELECT count(*) AS runs FROM runs WHERE pipeline = $1 AND outcome = 'running' AND kind = 'scheduled'`,
    [pipeline],
  );
  return { batches: rows.map(toInterval), running: Number(under?.runs) };
}

/** The first run that took a batch of this very interval; undefined while none has. */
export async function takenBy(
  query: Query,
  pipeline: string,
  { start, end }: DataInterval,
): Promise<string | undefined> {
  const [row] = await query<{ run_id: string | null }>(
    'SELECT run_id FROM file_batches WHERE pipeline = $1 AND interval_start = $2 AND interval_end = $3',
    [pipeline, start, end],
  );
  return row?.run_id ?? undefined;
}

/** Notes that nothing of these claims of an interval was read: where such a version stands there again, it is new. */
export async function passOver(
  query: Query,
  pipeline: string,
  { start, end }: DataInterval,
  files: readonly ClaimedFile[],
): Promise<void> {
  await query(
    `UPDATE file_claims SET passed_over = true FROM unnest($4::text[], $5::text[], $6::text[]) AS passed (place, key, version)
     WHERE pipeline = $1 AND interval_start >= $2 AND interval_start < $3
       AND (file_claims.place, file_claims.key, file_claims.version) = (passed.place, passed.key, passed.version)`,
    [
      pipeline,
      start,
      end,
      files.map(({ place }) => place),
      files.map(({ key }) => key),
      files.map(({ version }) => version),
    ],
  );
}

export async function recordLook(
  query: Query,
  pipeline: string,
  { unclaimed, problem }: Pick<Look, 'unclaimed' | 'problem'>,
): Promise<void> {
  await query(
    `INSERT INTO file_looks (pipeline, looked_at, unclaimed, problem) VALUES ($1, now(), $2, $3)
     ON CONFLICT (pipeline) DO UPDATE SET looked_at = excluded.looked_at, unclaimed = excluded.unclaimed, problem = excluded.problem`,
    [pipeline, unclaimed, problem],
  );
}

export async function lastLook(query: Query, pipeline: string): Promise<Look | undefined> {
  const [row] = await query<{ looked_at: Date; unclaimed: number; problem: string | null; batches: number }>(
    `SELECT looked_at, unclaimed, problem,
       (SELECT count(*)::int FROM file_batches WHERE file_batches.pipeline = $1 AND run_id IS NULL) AS batches
     FROM file_looks WHERE pipeline = $1`,
    [pipeline],
  );
  if (!row) return undefined;
  const { looked_at: lookedAt, ...rest } = row;
  return { lookedAt: toInstant(lookedAt), ...rest };
}

/** Notes that a run has the batches in its interval, within the transaction that records the run. */
export async function takeBatches(
  query: Query,
  { pipeline, runId, interval }: { pipeline: string; runId: string; interval: DataInterval },
): Promise<void> {
  await query(
    `UPDATE file_batches SET run_id = $2 WHERE pipeline = $1 AND interval_start >= $3 AND interval_end <= $4 AND run_id IS NULL`,
    [pipeline, runId, interval.start, interval.end],
  );
}

interface BatchRow {
  interval_start: Date;
  interval_end: Date;
}

const toInterval = (row: BatchRow): DataInterval => ({
  start: toInstant(row.interval_start),
  end: toInstant(row.interval_end),
});

async function freshFiles(
  query: Query,
  pipeline: string,
  place: string,
  files: readonly ArrivedFile[],
): Promise<ArrivedFile[]> {
  const rows = await query<{ at: string }>(
    `SELECT at FROM unnest($3::text[], $4::text[]) WITH ORDINALITY AS listed (key, version, at)
     LEFT JOIN LATERAL (
       SELECT version FROM file_claims AS claim WHERE claim.pipeline = $1 AND claim.place = $2 AND claim.key = listed.key AND NOT passed_over
       ORDER BY interval_start DESC LIMIT 1
     ) AS newest ON true
     WHERE newest.version IS DISTINCT FROM listed.version`,
    [pipeline, place, files.map(({ key }) => key), files.map(({ version }) => version)],
  );
  const fresh = new Set(rows.map(({ at }) => Number(at)));
  return files.filter((_, at) => fresh.has(at + 1));
}

/** What was seen for the first time, or has changed since, begins to stand still now. What is there no more is forgotten. */
async function settledKeys(
  query: Query,
  pipeline: string,
  place: string,
  fresh: readonly ArrivedFile[],
  settleMs: number,
): Promise<Set<string>> {
  if (settleMs === 0) return new Set(fresh.map(({ key }) => key));
  const keys = fresh.map(({ key }) => key);
  await query(
    'DELETE FROM file_sightings WHERE pipeline = $1 AND place = $2 AND NOT (key = ANY ($3::text[]))',
    [pipeline, place, keys],
  );
  const rows = await query<{ key: string; settled: boolean }>(
    `INSERT INTO file_sightings AS seen (pipeline, place, key, version)
     SELECT $1, $2, key, version FROM unnest($3::text[], $4::text[]) AS listed (key, version)
     ON CONFLICT (pipeline, place, key) DO UPDATE SET version = excluded.version,
       since = CASE WHEN seen.version = excluded.version THEN seen.since ELSE now() END
     RETURNING key, since <= now() - make_interval(secs => $5) AS settled`,
    [pipeline, place, keys, fresh.map(({ version }) => version), settleMs / 1000],
  );
  return new Set(rows.flatMap(({ key, settled }) => (settled ? [key] : [])));
}

/** Keys of which a version is claimed whose run has not begun, or is under way. */
async function busyKeys(
  query: Query,
  pipeline: string,
  place: string,
  fresh: readonly ArrivedFile[],
): Promise<Set<string>> {
  const rows = await query<{ key: string }>(
    `SELECT DISTINCT key FROM file_claims JOIN file_batches USING (pipeline, interval_start)
     WHERE pipeline = $1 AND place = $2 AND key = ANY ($3::text[])
       AND (run_id IS NULL OR EXISTS (
         SELECT FROM runs WHERE runs.pipeline = $1 AND outcome = 'running'
           AND runs.interval_start <= file_batches.interval_start AND runs.interval_end >= file_batches.interval_end))`,
    [pipeline, place, fresh.map(({ key }) => key)],
  );
  return new Set(rows.map(({ key }) => key));
}

function inOrder(files: readonly ArrivedFile[]): ArrivedFile[] {
  return [...files].sort((a, b) =>
    a.arrivedAt === b.arrivedAt ? (a.key < b.key ? -1 : 1) : a.arrivedAt < b.arrivedAt ? -1 : 1,
  );
}

/** Every batch gets a second that no other of the pipeline has: after all that were given before, and in the past where there is room. */
async function claim(
  query: Query,
  pipeline: string,
  place: string,
  files: readonly ArrivedFile[],
  size: number,
): Promise<void> {
  const count = Math.ceil(files.length / size);
  const [row] = await query<{ first: Date }>(
    `SELECT greatest(date_trunc('second', now()) - make_interval(secs => $2), max(interval_end)) AS first FROM file_batches WHERE pipeline = $1`,
    [pipeline, count],
  );
  const first = (row?.first ?? new Date()).getTime();
  const second = (n: number) => new Date(first + n * 1000).toISOString();
  const starts = Array.from({ length: count }, (_, n) => second(n));
  await query(
    `INSERT INTO file_batches (pipeline, interval_start, interval_end)
     SELECT $1, start, start + interval '1 second' FROM unnest($2::timestamptz[]) AS batch (start)`,
    [pipeline, starts],
  );
  await query(
    `INSERT INTO file_claims (pipeline, place, key, interval_start, version, bytes, arrived_at)
     SELECT $1, $2, key, start, version, bytes, arrived_at
     FROM unnest($3::text[], $4::timestamptz[], $5::text[], $6::bigint[], $7::timestamptz[]) AS file (key, start, version, bytes, arrived_at)`,
    [
      pipeline,
      place,
      files.map(({ key }) => key),
      files.map((_, n) => starts[Math.floor(n / size)]),
      files.map(({ version }) => version),
      files.map(({ bytes }) => bytes),
      files.map(({ arrivedAt }) => arrivedAt),
    ],
  );
  await query('DELETE FROM file_sightings WHERE pipeline = $1 AND place = $2 AND key = ANY ($3::text[])', [
    pipeline,
    place,
    files.map(({ key }) => key),
  ]);
}
