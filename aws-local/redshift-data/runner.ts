import { setTimeout as sleep } from 'node:timers/promises';
import type { RedshiftDatabase } from '../redshift-database/database.ts';
import type { Session } from '../redshift-database/session.ts';
import { RedshiftError } from '../redshift-sql/error.ts';
import { COPY_REFUSALS, type Faults } from './faults.ts';
import type { Part, Statement } from './statement.ts';

export interface Delays {
  /** From acceptance to PICKED. */
  readonly pick: Delay;
  /** From there to STARTED. */
  readonly start: Delay;
}

/** Milliseconds, or until something happens. */
type Delay = number | (() => Promise<void>);

const ROW_LIMIT = 64 * 1024; // bytes of a row of a result; https://docs.aws.amazon.com/redshift/latest/mgmt/data-api.html

/** Runs a statement from SUBMITTED to its end. Never throws: what goes wrong becomes the statement's own. */
export async function runStatement(
  statement: Statement,
  database: RedshiftDatabase,
  faults: Faults,
  delays: Delays,
): Promise<void> {
  try {
    await passed(delays.pick);
    if (statement.cancelled) return abort(statement);
    statement.become('PICKED');
    await passed(delays.start);
    await database.session(async (session) => {
      statement.pid = session.pid;
      if (statement.cancelled) return abort(statement);
      statement.become('STARTED');
      await (statement.batch && !statement.autoCommit
        ? asTransaction(statement, session, faults)
        : oneByOne(statement, session, faults));
    });
  } catch (error) {
    fail(statement, undefined, error);
  }
}

async function passed(delay: Delay): Promise<void> {
  await (typeof delay === 'number' ? sleep(delay) : delay());
}

async function asTransaction(statement: Statement, session: Session, faults: Faults): Promise<void> {
  await session.begin();
  for (const part of statement.parts) {
    try {
      if (statement.cancelled) throw new RedshiftError('57014', `Query cancelled on user's request`);
      await runPart(part, statement, session, faults);
    } catch (error) {
      await session.rollback();
      return fail(statement, part, error);
    }
  }
  try {
    if (writes(statement) && faults.takes('serialization-conflict')) {
      throw new RedshiftError('XX000', '1023 DETAIL: Serializable isolation violation on table in Redshift');
    }
    await session.commit();
  } catch (error) {
    await session.rollback();
    return fail(statement, statement.parts.at(-1), error);
  }
  statement.become('FINISHED');
}

async function oneByOne(statement: Statement, session: Session, faults: Faults): Promise<void> {
  let failed: { part: Part; error: unknown } | undefined;
  for (const part of statement.parts) {
    try {
      await runPart(part, statement, session, faults);
    } catch (error) {
      failed ??= { part, error };
      part.status = 'FAILED';
      part.error = textOf(error);
      if (statement.cancelled) break;
    }
  }
  if (failed) fail(statement, failed.part, failed.error);
  else statement.become('FINISHED');
}

async function runPart(part: Part, statement: Statement, session: Session, faults: Faults): Promise<void> {
  part.status = 'STARTED';
  part.startedAt = Date.now();
  const copies = /^\s*copy\b/i.test(part.sql);
  for (const kind of ['copy-denied', 'copy-other-region'] as const) {
    if (copies && faults.takes(kind)) throw new RedshiftError('XX000', COPY_REFUSALS[kind]);
  }
  if (faults.takes('node-lost')) throw new RedshiftError('XX000', 'Assert: the leader node was restarted');
  part.result = await session.run(part.sql, statement.parameters);
  for (const row of part.result.rows) {
    const bytes = row.reduce((sum, value) => sum + (value === null ? 0 : Buffer.byteLength(value)), 0);
    if (bytes > ROW_LIMIT) throw new RedshiftError('XX000', `Row size exceeds the limit of 64 KB`);
  }
  part.status = 'FINISHED';
  part.updatedAt = Date.now();
  if (copies && faults.takes('fail-after-copy')) {
    part.status = 'FAILED';
    throw new RedshiftError('XX000', 'Assert: the leader node was restarted');
  }
}

function writes({ parts }: Statement): boolean {
  return parts.some(({ sql }) => /^\s*(copy|insert|update|delete|merge)\b/i.test(sql));
}

function abort(statement: Statement): void {
  for (const part of statement.parts) part.status = 'ABORTED';
  statement.become('ABORTED');
}

function fail(statement: Statement, part: Part | undefined, error: unknown): void {
  if (statement.cancelled) return abort(statement);
  const text = textOf(error);
  if (part) {
    part.status = 'FAILED';
    part.error = text;
    part.updatedAt = Date.now();
  }
  for (const other of statement.parts) if (other.status === 'SUBMITTED') other.status = 'ABORTED';
  const at = part && statement.batch ? `Query #${statement.parts.indexOf(part) + 1} failed with ` : '';
  statement.become('FAILED', at + text);
}

function textOf(error: unknown): string {
  return `ERROR: ${error instanceof Error ? error.message : String(error)}`;
}
