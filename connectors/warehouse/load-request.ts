import { createHash } from 'node:crypto';
import { TerminalError } from '../../core/errors.ts';
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
  if (manifest.rows < table.minRows) {
    throw new TerminalError(
      `${pipeline}.${table.name}: load ${manifest.loadId} has ${manifest.rows} rows, 'minRows' asks for ${table.minRows}. ` +
        `Look why the source has so few, or lower 'minRows'.`,
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

/**
 * Where rows are appended, each must be read exactly once: from the mark that the load before has left.
 * @param mark of the load of the table that was applied last
 * @throws {MarkMoved} when the load was read from another mark
 */
export function mustContinue({ table, manifest }: LoadRequest, label: string, mark: string | null): void {
  const { since, loadId } = manifest;
  if (table.write !== 'append' || since === undefined) return;
  if (mark !== since) throw new MarkMoved(label, loadId);
}
