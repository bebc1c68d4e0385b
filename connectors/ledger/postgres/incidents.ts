import { toInstant } from '../../../core/interval.ts';
import type { IncidentChanges, OpenIncident } from '../../../core/notices/incidents.ts';
import type { Notice } from '../../../core/notices/notice.ts';
import type { UntoldNotice } from '../incidents.ts';
import type { Query } from './database.ts';

const LOCKS = 7_205_760; // any number that nobody else locks in this database
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
  const rows = await query<{ kind: OpenIncident['kind']; subject: string; up_to: Date | null; at: Date }>(
    'SELECT kind, subject, up_to, opened_at AS at FROM incidents WHERE pipeline = $1 AND closed_at IS NULL ORDER BY opened_at, subject',
    [pipeline],
  );
  const { open, close, notices } = decide(
    rows.map(({ kind, subject, up_to, at }) => ({
      kind,
      subject,
      upTo: up_to && toInstant(up_to),
      since: toInstant(at),
    })),
  );
  if (open.length)
    await query(
      `INSERT INTO incidents (pipeline, kind, subject, up_to)
       SELECT $1, kind, subject, up_to FROM unnest($2::text[], $3::text[], $4::timestamptz[]) AS new (kind, subject, up_to)
       ON CONFLICT DO NOTHING`,
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
    await query('INSERT INTO notices (notice) SELECT * FROM unnest($1::jsonb[])', [
      notices.map((notice) => JSON.stringify(notice)),
    ]);
}

export async function takeNotices(query: Query, limit: number): Promise<UntoldNotice[]> {
  await query(`DELETE FROM notices WHERE done_at < now() - interval '${KEPT}'`, []);
  await query(`DELETE FROM incidents WHERE closed_at < now() - interval '${KEPT}'`, []);
  const rows = await query<{ notice_id: string; notice: Notice; told: string[] }>(
    `UPDATE notices SET taken_until = now() + interval '${TAKEN_FOR}'
     WHERE notice_id IN (
       SELECT notice_id FROM notices
       WHERE done_at IS NULL AND at > now() - interval '${WORTH_TELLING}' AND (taken_until IS NULL OR taken_until < now())
       ORDER BY notice_id LIMIT $1 FOR UPDATE SKIP LOCKED)
     RETURNING notice_id, notice, told`,
    [limit],
  );
  return rows
    .map(({ notice_id, notice, told }) => ({ id: Number(notice_id), notice, told }))
    .sort((a, b) => a.id - b.id);
}

export async function noticeTold(query: Query, id: number, receiver: string): Promise<void> {
  await query('UPDATE notices SET told = array_append(told, $2) WHERE notice_id = $1 AND $2 <> ALL (told)', [
    id,
    receiver,
  ]);
}

export async function leaveNotice(query: Query, id: number, isDone: boolean): Promise<void> {
  await query(
    'UPDATE notices SET taken_until = NULL, done_at = CASE WHEN $2 THEN now() END WHERE notice_id = $1',
    [id, isDone],
  );
}
