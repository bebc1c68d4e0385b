import pg from 'pg';
import { messageOf, PipelineError } from '../core/errors.ts';
import { DatabaseRefused, DatabaseUnreachable, DataInconsistent } from './errors.ts';

/** What went wrong in the database, in words of the seeder; errors of its own pass unchanged. */
export function translated(error: unknown): Error {
  if (error instanceof PipelineError) return error;
  if (!(error instanceof pg.DatabaseError)) {
    const lost = isNetworkError(error) || /Connection terminated|timeout expired/.test(messageOf(error));
    if (lost) return new DatabaseUnreachable(unreachable(error), { cause: error });
    return error instanceof Error ? error : new Error(messageOf(error));
  }
  const code = error.code ?? '';
  const detail = [error.message, error.detail].filter(Boolean).join(': ').replace(/\.$/, '');
  const options = { cause: error };
  if (code === '23505' || code === '23503' || code === '23514') {
    const table = error.table ?? 'a table';
    return new DataInconsistent(
      `Table ${table}: ${detail}. Nothing was loaded; correct the data, or give files that belong together.`,
      options,
    );
  }
  if (code === '2BP01') {
    return new DatabaseRefused(`${detail}. Drop what depends on the tables, then seed again.`, options);
  }
  if (code === '55P03') {
    return new DatabaseUnreachable(
      `The tables are in use by another session (${detail}). Try again.`,
      options,
    );
  }
  if (code === '42501') {
    return new DatabaseRefused(
      `${detail}. Give the user the right to create tables in schema public.`,
      options,
    );
  }
  if (code.startsWith('28') || code === '3D000') {
    return new DatabaseRefused(`${detail}. Correct user, password and database of the connection.`, options);
  }
  if (code.startsWith('08') || code.startsWith('57P')) {
    return new DatabaseUnreachable(`${detail}. See that the database is up, then try again.`, options);
  }
  if (code.startsWith('53')) {
    return new DatabaseRefused(
      `${detail}. Free space or memory on the database server, then try again.`,
      options,
    );
  }
  return new DatabaseRefused(`PostgreSQL refused (${code}): ${detail}. Nothing was changed.`, options);
}

function isNetworkError(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error && 'code' in error;
}

function unreachable(error: unknown): string {
  const reason = error instanceof AggregateError ? error.errors.map(messageOf).join('; ') : messageOf(error);
  return `The source database was not reached or was lost: ${reason}. Start it, then try again.`;
}
