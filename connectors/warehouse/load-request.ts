import { createHash } from 'node:crypto';
import { TerminalError } from '../../core/errors.ts';
import type { Instant } from '../../core/interval.ts';
import { dayBound, localBound } from '../../core/local-time.ts';
import { fingerprint, type Manifest } from '../../core/manifest.ts';
import { CountMismatch, MarkMoved } from './errors.ts';
import type { AppliedLoad, LoadRequest } from './port.ts';

/** SHA-256 over a manifest's fingerprint, hex: what `_sluice.loads` keeps of it. */
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
}

/** A load id names one load for good. */
export function mustBeTheSame(before: AppliedLoad, { pipeline, table, manifest }: LoadRequest): void {
  if (before.pipeline === pipeline && before.table === table.name && before.fingerprint === printOf(manifest))
    return;
  throw new TerminalError(
    `Load ${manifest.loadId} of ${pipeline}.${table.name} was applied before, to ${before.pipeline}.${before.table}, with other ` +
      `files or columns. A load id names one load for good: extract the table again under a new one.`,
  );
}

/** Where a table stands before an incremental load. */
export interface Standing {
  /** Null: no incremental load has left one, or the target is gone. */
  readonly mark: string | null;
  readonly hasRows: boolean;
}

/**
 * An incremental load must go on where the table stands: what is appended is read exactly once, what is merged leaves nothing out.
 * @throws {MarkMoved} when the load was read from another mark
 * @throws {TerminalError} when it was read from the beginning, and the target has rows already
 */
export function mustContinue({ table, manifest }: LoadRequest, label: string, standing: Standing): void {
  const { since, loadId } = manifest;
  if (since === undefined || (table.write !== 'append' && table.write !== 'merge')) return;
  const { mark, hasRows } = standing;
  if (table.write === 'append' ? mark !== since : since !== null && mark === null)
    throw new MarkMoved(label, loadId);
  if (table.write !== 'append' || since !== null || !hasRows) return;
  throw new TerminalError(
    `${label}: load ${loadId} holds the table from its beginning, but rows are there already that no incremental load has brought, and ` +
      `'append' would bring them a second time. Drop ${label} in the warehouse and run again, or use 'merge'.`,
  );
}

export type CursorType = 'date' | 'timestamp' | 'timestamptz';

/** Where an instant cuts the values of a cursor in two, as text of its type; those without zone are in `zone`. */
export function cursorBound(instant: Instant, type: CursorType, zone: string): string {
  if (type === 'timestamptz') return instant;
  return type === 'date' ? dayBound(instant, zone) : localBound(instant, zone);
}

/** The cursor of a write by interval, as the target has it. @throws {TerminalError} when it is no time */
export function intervalCursor(
  { table, manifest }: LoadRequest,
  label: string,
): { readonly name: string; readonly type: CursorType } {
  const cursor = 'cursor' in table.extract ? table.extract.cursor : undefined;
  const type = manifest.schema.columns.find(({ name }) => name === cursor)?.type;
  if (cursor && (type === 'date' || type === 'timestamp' || type === 'timestamptz'))
    return { name: cursor, type };
  throw new TerminalError(
    `${label}: '${table.write}' by interval needs a cursor that is a date or a timestamp in the warehouse` +
      `${cursor ? `, '${cursor}' is ${type ?? 'missing'}` : ''}. Use 'merge', or another cursor.`,
  );
}

/** Rows of the target have no cursor, so nobody can tell whether they are of the interval. */
export function undated(label: string, cursor: string): TerminalError {
  return new TerminalError(
    `${label} has rows without a '${cursor}', from loads by another cursor, so whether they are to be replaced cannot be told. ` +
      `Nothing was changed; drop ${label} in the warehouse and load its history again, or go back to the cursor before.`,
  );
}
