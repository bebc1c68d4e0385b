import { toInstant } from '../../../core/interval.ts';
import type { IncidentChanges, OpenIncident } from '../../../core/notices/incidents.ts';
import type { Notice } from '../../../core/notices/notice.ts';
import type { ToldIncident, UntoldNotice } from '../incidents.ts';
import type { Query } from './database.ts';

const LOCKS = 7_205_763; // any number; with a pipeline's, it names the lock under which its incidents are changed
const KEPT = '30 days';
/** What nobody could be told of for so long is not told any more. */
const WORTH_TELLING = '1 day';
/** As long as a worker may take to send one; then another may. */
const TAKEN_FOR = '2 minutes';

/** In a transaction: of two that decide about a pipeline the second sees what the first has decided. */
export async function changeIncidents(
  query: Query,
  pipeline: string,
  decide: (open: readonly OpenIncident[]) => IncidentChanges,
): Promise<void> {
  await query('SELECT pg_advisory_xact_lock($1, hashtext($2))', [LOCKS, pipeline]);
  const rows = await openRows(query, pipeline);
  const { open, close, notices } = decide(rows.map(toIncident));
  if (open.length)
    await query(
      `INSERT INTO incidents (pipeline, kind, subject, up_to)
       SELECT $1, kind, subject, up_to FROM unnest($2::text[], $3::text[], $4::timestamptz[]) AS new (kind, subject, up_to)
       ON CONFLICT (pipeline, kind, subject) WHERE closed_at IS NULL
       DO UPDATE SET up_to = greatest(incidents.up_to, excluded.up_to)`,
      [
        pipeline,
        open.map(({ kind }) => kind),
        open.map(({ subject }) => subject),
        open.map(({ upTo }) => upTo),
      ],
    );
  if (close.length)
    await query(
      `UPDATE incidents SET closed_at = now()
       FROM unnest($2::text[], $3::text[]) AS over (kind, subject)
       WHERE incidents.pipeline = $1 AND closed_at IS NULL AND (incidents.kind, incidents.subject) = (over.kind, over.subject)`,
      [pipeline, close.map(({ kind }) => kind), close.map(({ subject }) => subject)],
    );
  if (notices.length)
    await query('INSERT INTO notices (pipeline, notice) SELECT $1, * FROM unnest($2::jsonb[])', [
      pipeline,
      notices.map((notice) => JSON.stringify(notice)),
    ]);
}

export async function takeNotice(
  query: Query,
  receiver: string,
  about: { readonly pipeline: string; readonly within: string } | undefined,
): Promise<UntoldNotice | undefined> {
  const [row] = await query<{ notice_id: string; notice: Notice }>(
    `UPDATE notices SET taken_until = now() + interval '${TAKEN_FOR}'
     WHERE notice_id = (
       SELECT notice_id FROM notices
       WHERE at > now() - least($3::interval, interval '${WORTH_TELLING}') AND NOT told @> ARRAY[$1]
         AND ($2::text IS NULL OR pipeline = $2) AND (taken_until IS NULL OR taken_until < now())
         -- A question that has had its answer is none any more.
         AND (notice ->> 'kind' <> 'approval' OR EXISTS (
           SELECT FROM steps WHERE steps.run_id = notice ->> 'runId' AND table_name = notice ->> 'step' AND outcome = 'running'))
       ORDER BY notice_id LIMIT 1 FOR UPDATE SKIP LOCKED)
     RETURNING notice_id, notice`,
    [receiver, about?.pipeline ?? null, about?.within ?? WORTH_TELLING],
  );
  return row && { id: Number(row.notice_id), notice: row.notice };
}

export async function leaveNotice(query: Query, id: number, told: string | null): Promise<void> {
  await query(
    `UPDATE notices SET taken_until = NULL, told = CASE WHEN $2::text IS NULL THEN told ELSE array_append(told, $2) END,
       told_at = CASE WHEN $2::text IS NULL THEN told_at ELSE array_append(array_cat(told_at, array_fill(NULL::timestamptz, ARRAY[cardinality(told) - cardinality(told_at)])), now()) END
     WHERE notice_id = $1`,
    [id, told],
  );
}

export async function openIncidents(query: Query): Promise<Map<string, OpenIncident[]>> {
  const found = new Map<string, OpenIncident[]>();
  for (const row of await openRows(query, null))
    found.set(row.pipeline, [...(found.get(row.pipeline) ?? []), toIncident(row)]);
  return found;
}

interface ToldRow extends IncidentRow {
  notice: Notice | null;
  told: string[] | null;
  told_at: (Date | null)[] | null;
}

/** What was told of an incident was put down in the transaction that began it: at the same moment. */
export async function toldIncidents(query: Query): Promise<ToldIncident[]> {
  const rows = await query<ToldRow>(
    `SELECT incidents.pipeline, kind, subject, up_to, opened_at AS at, notice, told, told_at
     FROM incidents LEFT JOIN LATERAL (
       SELECT notice, told, told_at FROM notices
       WHERE notices.pipeline = incidents.pipeline AND notices.at = opened_at AND notice ->> 'kind' = kind
         AND (kind <> 'stale' OR notice ->> 'severity' = subject)
         AND (kind <> 'deadline' OR notice -> 'interval' ->> 'start' = subject)
       ORDER BY notice_id LIMIT 1) AS begun ON true
     WHERE closed_at IS NULL ORDER BY opened_at, incidents.pipeline, subject`,
    [],
  );
  return rows.map((row) => ({
    pipeline: row.pipeline,
    ...toIncident(row),
    notice: row.notice,
    told: (row.told ?? []).map((receiver, at) => {
      const when = row.told_at?.[at];
      return { receiver, at: when ? toInstant(when) : null };
    }),
  }));
}

export async function forgetIncidents(query: Query): Promise<void> {
  await query(
    `UPDATE incidents SET closed_at = now() WHERE kind = 'approval' AND closed_at IS NULL
       AND NOT EXISTS (SELECT FROM runs WHERE run_id = split_part(subject, ' ', 1) AND outcome = 'running')`,
    [],
  );
  await query(`DELETE FROM notices WHERE at < now() - interval '${KEPT}'`, []);
  await query(`DELETE FROM incidents WHERE closed_at < now() - interval '${KEPT}'`, []);
}

interface IncidentRow {
  pipeline: string;
  kind: OpenIncident['kind'];
  subject: string;
  up_to: Date | null;
  at: Date;
}

/** Of one pipeline, or of all. */
async function openRows(query: Query, pipeline: string | null): Promise<IncidentRow[]> {
  return query<IncidentRow>(
    `SELECT pipeline, kind, subject, up_to, opened_at AS at FROM incidents
     WHERE ($1::text IS NULL OR pipeline = $1) AND closed_at IS NULL ORDER BY opened_at, subject`,
    [pipeline],
  );
}

function toIncident({ kind, subject, up_to, at }: IncidentRow): OpenIncident {
  return { kind, subject, upTo: up_to && toInstant(up_to), since: toInstant(at) };
}
