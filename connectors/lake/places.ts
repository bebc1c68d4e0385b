import { isAbsolute, join, relative, sep } from 'node:path';
import { InvalidInput, TerminalError } from '../../core/errors.ts';
import { formerTablePath, loadPath, MANIFEST_NAME, tablePath, type LoadPlace } from '../../core/layout.ts';
import type { LakeTable } from './port.ts';

const SEGMENT = /^\w[\w.:+-]*$/;

/** The folder of a load. @throws {InvalidInput} when a name could lead elsewhere */
export function loadFolder(root: string, place: LoadPlace): string {
  mustBeSegments({
    pipeline: place.pipeline,
    domain: place.domain,
    table: place.table,
    'load id': place.loadId,
  });
  if (!/^\d{4}-\d{2}-\d{2}/.test(place.logicalDate)) {
    throw new InvalidInput('A load', [
      `its logical date '${place.logicalDate}' is not like 2018-08-01T00:00:00Z.`,
    ]);
  }
  return join(root, loadPath(place));
}

/** The folders that loads of a table are in: its own, and that of versions before, which other pipelines may have loads in. */
export function tableFolders(root: string, table: LakeTable): string[] {
  mustBeSegments({ pipeline: table.pipeline, domain: table.domain, table: table.table });
  return [...new Set([tablePath(table), formerTablePath(table)])].map((path) => join(root, path));
}

/** @throws {TerminalError} when a URI is not that of a manifest in this lake */
export function mustBeManifest(root: string, uri: string): void {
  const inside = relative(root, uri);
  const parts = inside.split(sep);
  const fits = isAbsolute(uri) && parts[0] === 'bronze' && parts.length === 8 && parts[7] === MANIFEST_NAME;
  if (fits && !parts.includes('..') && !isAbsolute(inside)) return;
  throw new TerminalError(
    `${uri} is no manifest of the lake in ${root}. Give the path that the extract step reported.`,
  );
}

function mustBeSegments(names: Readonly<Record<string, string>>): void {
  const problems = Object.entries(names)
    .filter(([, name]) => !SEGMENT.test(name) || name.length > 200)
    .map(
      ([what, name]) =>
        `its ${what} '${name}' must be of letters, digits, '_', '-', '.', and start with no dot.`,
    );
  if (problems.length) throw new InvalidInput('A load', problems);
}
