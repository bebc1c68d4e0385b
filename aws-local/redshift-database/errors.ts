import pg from 'pg';
import { RedshiftError } from '../redshift-sql/error.ts';

/** PostgreSQL's errors in Redshift's words, where these are known. Others pass as they are. */
export function redshiftError(error: unknown): Error {
  if (!(error instanceof pg.DatabaseError)) return error instanceof Error ? error : new Error(String(error));
  const { code = 'XX000', message, constraint, detail } = error;
  if (code === '40001' || code === '40P01') {
    return new RedshiftError(
      'XX000',
      `1023 DETAIL: Serializable isolation violation on table in Redshift (${message})`,
    );
  }
  if (code === '23514' && constraint?.startsWith('bytes_of_')) {
    return new RedshiftError(
      '22001',
      `value too long for type character varying (column ${constraint.slice('bytes_of_'.length)})`,
    );
  }
  if (code === '57014') return new RedshiftError(code, "Query cancelled on user's request");
  return new RedshiftError(code, detail ? `${message}\n  Detail: ${detail}` : message);
}
