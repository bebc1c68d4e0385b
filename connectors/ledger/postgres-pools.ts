import { numberOf } from './postgres-leases.ts';
import type { PlaceAnswer, PlaceRecord, PlaceRequest } from './port.ts';
import type { Query } from './postgres-database.ts';

const POOLS = 7_205_761; // any number; with a pool's, it names the lock under which its places are taken
/** Who waits asks every few seconds; one that has not for so long has gone, and holds nobody up. */
const STILL_WAITING = '30 seconds';

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
  const { pool, size, run, step, priority } = request;
  await query('SELECT pg_advisory_xact_lock($1, $2)', [POOLS, numberOf(pool)]);
  const [mine] = await query<{ taken_at: Date | null; asked_at: Date }>(
    `INSERT INTO pool_places (pool, run_id, step, workflow_id, pipeline, priority) VALUES ($1, $2, $3, $4, $5, $6)
     ON CONFLICT (pool, run_id, step) DO UPDATE SET seen_at = now(), priority = excluded.priority
     RETURNING taken_at, asked_at`,
    [pool, run.runId, step, run.workflowId, run.pipeline, priority],
  );
  if (mine?.taken_at) return { taken: true };
  const others = await query<PlaceRow>(
    `SELECT * FROM pool_places AS other
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
  return {
    taken: false,
    holders: holders.map(toPlace),
    ahead: others.length - holders.length,
  };
}

export async function leavePool(query: Query, runId: string, pool?: string, step?: string): Promise<void> {
  await query(
    'DELETE FROM pool_places WHERE run_id = $1 AND ($2::text IS NULL OR pool = $2) AND ($3::text IS NULL OR step = $3)',
    [runId, pool ?? null, step ?? null],
  );
}

export async function places(query: Query): Promise<PlaceRecord[]> {
  const rows = await query<PlaceRow>(
    `SELECT * FROM pool_places WHERE taken_at IS NOT NULL OR seen_at > now() - interval '${STILL_WAITING}'
     ORDER BY pool, taken_at NULLS LAST, priority DESC, asked_at, run_id, step`,
    [],
  );
  return rows.map(toPlace);
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
