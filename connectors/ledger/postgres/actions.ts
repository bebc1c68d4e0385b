import type { Action, ActionRecord } from '../port.ts';
import type { Query } from './database.ts';

interface ActionRow {
  at: Date;
  actor: string;
  action: Action['action'];
  pipeline: string | null;
  subject: string;
  reason: string | null;
  input: unknown;
}

export async function recordAction(query: Query, action: Action): Promise<void> {
  const { actor, pipeline, subject, reason, input } = action;
  await query(
    'INSERT INTO actions (actor, action, pipeline, subject, reason, input) VALUES ($1, $2, $3, $4, $5, $6)',
    [
      actor,
      action.action,
      pipeline,
      subject,
      reason ?? null,
      input === undefined ? null : JSON.stringify(input),
    ],
  );
}

export async function actions(
  query: Query,
  pipeline: string | undefined,
  limit: number,
): Promise<ActionRecord[]> {
  const rows = await query<ActionRow>(
    `SELECT at, actor, action, pipeline, subject, reason, input FROM actions
     WHERE $1::text IS NULL OR pipeline = $1 ORDER BY at DESC, action_id DESC LIMIT $2`,
    [pipeline ?? null, limit],
  );
  return rows.map(({ at, ...row }) => ({ ...row, at: at.toISOString() }));
}
