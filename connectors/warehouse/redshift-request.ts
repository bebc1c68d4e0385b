import { createHash } from 'node:crypto';
import { TerminalError } from '../../core/errors.ts';
import { fingerprint, type Manifest } from '../../core/manifest.ts';
import { CountMismatch, KeyViolated } from './errors.ts';
import type { AppliedLoad, LoadRequest } from './port.ts';
import { folded } from './redshift-text.ts';
import type { CursorType } from './redshift-write.ts';

export function printOf(manifest: Manifest): string {
  return createHash('sha256').update(fingerprint(manifest)).digest('hex');
}

/** What a request alone shows to be wrong. */
export function mustBelong({ pipeline, table, manifest, fileUris }: LoadRequest): void {
  if (manifest.pipeline !== pipeline || manifest.table !== table.name) {
    throw new TerminalError(
      `Load ${manifest.loadId} is of ${manifest.pipeline}.${manifest.table}, not of ${pipeline}.${table.name}. Give the manifest of that table.`,
    );
  }
  if (fileUris.length !== manifest.files.length) {
    throw new CountMismatch(
      manifest.loadId,
      `${fileUris.length} files were given, its manifest lists ${manifest.files.length}.`,
    );
  }
  if (manifest.rows < table.minRows) {
    throw new TerminalError(
      `${pipeline}.${table.name}: load ${manifest.loadId} has ${manifest.rows} rows, 'minRows' asks for ${table.minRows}. ` +
        `Look why the source has so few, or lower 'minRows'.`,
    );
  }
}

export function mustBeTheSame(before: AppliedLoad, { pipeline, table, manifest }: LoadRequest): void {
  if (before.pipeline === pipeline && before.table === table.name && before.fingerprint === printOf(manifest))
    return;
  throw new TerminalError(
    `Load ${manifest.loadId} of ${pipeline}.${table.name} was applied before, to ${before.pipeline}.${before.table}, with other ` +
      `files or columns. A load id names one load for good: extract the table again under a new one.`,
  );
}

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
