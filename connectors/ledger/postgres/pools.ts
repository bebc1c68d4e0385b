import { numberOf } from './leases.ts';
import type { Ledger, NextInLine, PlaceAnswer, PlaceRecord, PlaceRequest } from '../port.ts';
import type { Query } from './database.ts';

const POOLS = 7_205_761; // any number; with a pool's, it names the lock under which its places are taken
/** Who waits asks every few seconds; one that has not for so long has gone, and holds nobody up. */
const STILL_WAITING = '30 seconds';
/** One that has not for so long may have gone: whoever comes next looks. */
const SILENT = '10 seconds';

interface PlaceRow {
  pool: string;
  run_id: string;
  step: string;
  workflow_id: string;
  pipeline: string;
  priority: number;
  asked_at: Date;
  taken_at: Date | null;
}

/** Within the transaction of `query`. */
export async function takePlace(query: Query, request: PlaceRequest): Promise<PlaceAnswer> {
  const { pool, size, run, step, priority, waitsIn } = request;
  await lock(query, pool);
  const [mine] = await query<{ taken_at: Date | null; asked_at: Date }>(
    `INSERT INTO pool_places (pool, run_id, step, workflow_id, pipeline, priority, waits_in) VALUES ($1, $2, $3, $4, $5, $6, $7)
     ON CONFLICT (pool, run_id, step) DO UPDATE SET seen_at = now(), priority = excluded.priority, waits_in = excluded.waits_in
     RETURNING taken_at, asked_at`,
    [pool, run.runId, step, run.workflowId, run.pipeline, priority, waitsIn],
  );
  if (mine?.taken_at) return { taken: true };
  const others = await query<PlaceRow & { is_silent: boolean }>(
    `SELECT *, seen_at <= now() - interval '${SILENT}' AS is_silent FROM pool_places AS other
     WHERE pool = $1 AND (run_id, step) <> ($2, $3) AND (taken_at IS NOT NULL OR (
       seen_at > now() - interval '${STILL_WAITING}' AND (-priority, asked_at, run_id, step) < (
         SELECT -priority, asked_at, run_id, step FROM pool_places WHERE (pool, run_id, step) = ($1, $2, $3)
       )
     )) ORDER BY taken_at NULLS LAST`,
    [pool, run.runId, step],
  );
  if (others.length < size) {
    await query('UPDATE pool_places SET taken_at = now() WHERE (pool, run_id, step) = ($1, $2, $3)', [
      pool,
      run.runId,
      step,
    ]);
    return { taken: true };
  }
  const holders = others.filter(({ taken_at }) => taken_at !== null);
  const ahead = others.filter(({ taken_at }) => taken_at === null);
  return {
    taken: false,
    holders: holders.map(toPlace),
    ahead: ahead.length,
    silent: ahead.filter(({ is_silent }) => is_silent).map(toPlace),
  };
}

/** Within the transaction of `query`. */
export async function leavePool(
  query: Query,
  { pool, step, size, runId }: Parameters<Ledger['leavePool']>[0],
): Promise<NextInLine | undefined> {
  await lock(query, pool);
  await query('DELETE FROM pool_places WHERE (pool, run_id, step) = ($1, $2, $3)', [pool, runId, step]);
  const [next] = await query<{ step: string; waits_in: string }>(
    `UPDATE pool_places SET taken_at = now() WHERE (pool, run_id, step) = (
       SELECT pool, run_id, step FROM pool_places
       WHERE pool = $1 AND taken_at IS NULL AND seen_at > now() - interval '${STILL_WAITING}'
         AND (SELECT count(*) FROM pool_places WHERE pool = $1 AND taken_at IS NOT NULL) < $2
       ORDER BY priority DESC, asked_at, run_id, step LIMIT 1
     ) RETURNING step, waits_in`,
    [pool, size],
  );
  return next && { pool, step: next.step, waitsIn: next.waits_in };
}

export async function losePlace(
  query: Query,
  { pool, runId, step }: Parameters<Ledger['losePlace']>[0],
): Promise<void> {
  await query('DELETE FROM pool_places WHERE (pool, run_id, step) = ($1, $2, $3)', [pool, runId, step]);
}

export async function places(query: Query): Promise<PlaceRecord[]> {
  const rows = await query<PlaceRow>(
    `SELECT * FROM pool_places WHERE taken_at IS NOT NULL OR seen_at > now() - interval '${STILL_WAITING}'
     ORDER BY pool, taken_at NULLS LAST, priority DESC, asked_at, run_id, step`,
    [],
  );
  return rows.map(toPlace);
}

/** Whoever looks at a pool and changes it has it to himself, until the transaction ends. */
async function lock(query: Query, pool: string): Promise<void> {
  await query('SELECT pg_advisory_xact_lock($1, $2)', [POOLS, numberOf(pool)]);
}

function toPlace(row: PlaceRow): PlaceRecord {
  return {
    pool: row.pool,
    step: row.step,
    priority: row.priority,
    runId: row.run_id,
    workflowId: row.workflow_id,
    pipeline: row.pipeline,
    askedAt: row.asked_at.toISOString(),
    takenAt: row.taken_at?.toISOString() ?? null,
  };
}
