import { TerminalError } from '../../core/errors.ts';
import { KeyViolated } from './errors.ts';
import type { LoadRequest } from './port.ts';
import { folded } from './redshift-text.ts';
import type { CursorType } from './redshift-write.ts';

export function mustHaveKeyColumns({ table, manifest }: LoadRequest, target: string): void {
  const known = manifest.schema.columns.map(({ name }) => name);
  const missing = table.primaryKey.filter((name) => !known.includes(name));
  if (!missing.length) return;
  const names = missing.map((name) => `'${name}'`).join(', ');
  throw new KeyViolated(
    target,
    table.primaryKey,
    `names ${names}, which the table does not have: ${known.join(', ')}.`,
  );
}

/** The cursor of `replace-interval`. @throws {TerminalError} when it is no time */
export function intervalCursor(
  { table, manifest }: LoadRequest,
  target: string,
): { name: string; type: CursorType } {
  const cursor = 'cursor' in table.extract ? table.extract.cursor : undefined;
  const type = manifest.schema.columns.find(({ name }) => name === cursor)?.type;
  if (cursor && (type === 'date' || type === 'timestamp' || type === 'timestamptz'))
    return { name: folded(cursor), type };
  throw new TerminalError(
    `${target}: 'replace-interval' needs a cursor that is a date or a timestamp` +
      `${cursor ? `, '${cursor}' is ${type ?? 'missing'}` : ''}. Use 'merge', or another cursor.`,
  );
}
