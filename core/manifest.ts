import { z } from 'zod';
import { wordsOf } from './issues.ts';
import { InvalidInput } from './errors.ts';
import { extractMode, modeOf } from './extract-modes.ts';
import { columnOf, markName } from './mark.ts';
import { tableSchema } from './schema.ts';

const instant = z.string().regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/);

const interval = z.strictObject({ start: instant, end: instant });

export const manifestFile = z.strictObject({
  /** Relative to the folder of the load: `part-0.parquet`. */
  path: z.string().regex(/^[\w.-]+$/),
  rows: z.int().nonnegative(),
  bytes: z.int().positive(),
  /** Of the whole file, lower-case hex. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});
export type ManifestFile = z.infer<typeof manifestFile>;

/** Rows in which a stated policy changed or left something out. */
export const coercion = z.strictObject({
  column: z.string(),
  rule: z.string(),
  rows: z.int().positive(),
});
export type Coercion = z.infer<typeof coercion>;

/**
 * How far a load of a table reaches: every row that was to be seen before this moment, by the source's clock and the cursor's times, has
 * been read by it or by loads before it. Later than that, rows may be missing that come with a later load.
 */
export const reach = z.strictObject({
  upTo: instant,
  /** The session whose open transaction the load stops before, where one does: who, where, since when. */
  heldBy: z.string().optional(),
});
export type Reach = z.infer<typeof reach>;

/**
 * The list of files of one load: the only proof that files belong to the lake. It is written last, and only where
 * none is yet, so files without one are remains of an attempt that failed.
 */
export const manifest = z.strictObject({
  version: z.literal(1),
  loadId: z.string().min(1),
  pipeline: z.string(),
  domain: z.string(),
  table: z.string(),
  interval,
  mode: extractMode,
  /** The zone that times without zone and dates were read in; UTC when absent. */
  timezone: z.string().optional(),
  schema: tableSchema,
  files: z.array(manifestFile).readonly(),
  rows: z.int().nonnegative(),
  bytes: z.int().nonnegative(),
  /** How far the files reach, as text that the source can read back: the greatest cursor value, or the last position; null where nothing is newer than before. */
  highWaterMark: z.string().nullable(),
  /** What the mark is a value of. Not in manifests of older versions, nor of snapshots. */
  cursor: markName.optional(),
  /** Of a load of what is new: the mark it was read from, null for the beginning. */
  since: z.string().nullable().optional(),
  /** Rows that the source has by now of the interval before, counted in the same snapshot. */
  before: z.strictObject({ interval, rows: z.int().nonnegative() }).optional(),
  /** Of files that arrived: what `_file` says of those whose rows of before these take the place of. */
  replaces: z.array(z.string()).readonly().optional(),
  /** Those of them that have no row. */
  emptied: z.array(z.string()).readonly().optional(),
  /** Not in manifests of older versions. */
  reach: reach.optional(),
  /** What the source showed that should be looked at: what follows the table's name in a sentence. */
  notes: z.array(z.string()).readonly().optional(),
  coercions: z.array(coercion).readonly(),
  /** When the snapshot of the source was taken, by the source's clock. */
  extractedAt: z.string(),
});
export type Manifest = z.infer<typeof manifest>;

/** @throws {InvalidInput} naming the place, when the text is no manifest or its sums do not hold */
export function parseManifest(text: string, place: string): Manifest {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw damaged(place, ['it is not JSON.']);
  }
  const parsed = manifest.safeParse(json);
  if (!parsed.success) {
    throw damaged(
      place,
      parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${wordsOf(issue)}.`),
    );
  }
  const { files, rows, bytes, highWaterMark, cursor, mode } = parsed.data;
  const problems: string[] = [];
  if (sum(files, 'rows') !== rows)
    problems.push(`its files hold ${sum(files, 'rows')} rows, it says ${rows}.`);
  if (sum(files, 'bytes') !== bytes)
    problems.push(`its files hold ${sum(files, 'bytes')} bytes, it says ${bytes}.`);
  const { mark } = modeOf(parsed.data);
  // Versions of before did not say what a mark is a value of; there were cursors only.
  const left =
    highWaterMark === null ? undefined : cursor && columnOf(cursor) === null ? 'position' : 'cursor';
  if (left !== undefined && left !== mark)
    problems.push(`its mark is a ${left}; what '${mode}' extraction leaves is: ${mark}.`);
  if (problems.length) throw damaged(place, problems);
  return parsed.data;
}

/** Two loads with the same fingerprint hold the same rows in the same files. */
export function fingerprint(load: Pick<Manifest, 'files' | 'schema' | 'highWaterMark'>): string {
  return JSON.stringify([
    load.schema,
    load.highWaterMark,
    load.files.map((file) => [file.path, file.rows, file.sha256]),
  ]);
}

function sum(files: readonly ManifestFile[], field: 'rows' | 'bytes'): number {
  return files.reduce((total, file) => total + file[field], 0);
}

function damaged(place: string, problems: readonly string[]): InvalidInput {
  return new InvalidInput(`Manifest ${place}`, [
    ...problems,
    'Extract the table again: a load is never repaired in place.',
  ]);
}
