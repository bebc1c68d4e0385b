import { z } from 'zod';
import { duration, milliseconds, type DurationText } from './duration.ts';
import { filesExtract, type FilesExtract, type ResolvedFilesExtract } from './file-tables.ts';

/** How loaded rows meet those already in the target. */
export type WriteDisposition = 'append' | 'replace' | 'merge' | 'replace-interval' | 'replace-file';

/** Rows whose cursor lies in the data interval. */
export interface IntervalExtract {
  readonly mode: 'interval';
  /** The column that says in which interval a row lies: a date or a time. */
  readonly cursor: string;
  /** A row without cursor belongs to no interval: `fail` (default) stops the run, `exclude` leaves such rows out and counts them. */
  readonly cursorNulls?: 'fail' | 'exclude';
  /** A cursor that is infinite, or outside of the years 1 to 9999, lies in no interval either: likewise. */
  readonly cursorOutOfRange?: 'fail' | 'exclude';
}

/** Rows past the high-water mark, read again from `lookback` before it. */
export interface IncrementalExtract {
  readonly mode: 'incremental';
  /** The column that grows with every change: a time, a number or a text. */
  readonly cursor: string;
  /** As of `interval`. */
  readonly cursorNulls?: 'fail' | 'exclude';
  /** As of `interval`. */
  readonly cursorOutOfRange?: 'fail' | 'exclude';
  /** How far before its mark it reads again; what `defaults` say, else nothing. */
  readonly lookback?: DurationText;
}

/** All rows, as they are now. */
export interface SnapshotExtract {
  readonly mode: 'snapshot';
}

/** Every change since the run before, from the source's log; at first the whole table (docs/cdc.md). */
export interface ChangesExtract {
  readonly mode: 'changes';
}

/** What the engine asks of a mode. A new mode is an entry here, and the code of the sources that have it. */
interface Mode {
  /** What a load covers: every row that there is, the rows of its interval, or what is new since the mark. */
  readonly covers: 'all' | 'interval' | 'new';
  /** Dispositions that keep each row once. */
  readonly writes: readonly WriteDisposition[];
  /** Where the table names none; absent: what the pipeline's `defaults` say. */
  readonly write?: WriteDisposition;
  /** What its mark is a value of: of the column that orders the rows, of the source's log of changes, or of nothing. */
  readonly mark: 'cursor' | 'position' | 'none';
}

const cursorNulls = z.enum(['fail', 'exclude']).default('fail');
const cursorOutOfRange = z.exactOptional(z.enum(['fail', 'exclude']));

const interval = {
  covers: 'interval',
  writes: ['merge', 'append', 'replace-interval'],
  mark: 'cursor',
  schema: z.strictObject({
    mode: z.literal('interval'),
    cursor: z.string().min(1),
    cursorNulls,
    cursorOutOfRange,
  }),
} as const satisfies Mode & { schema: unknown };

const incremental = {
  covers: 'new',
  writes: ['merge', 'append'],
  mark: 'cursor',
  schema: z.strictObject({
    mode: z.literal('incremental'),
    cursor: z.string().min(1),
    cursorNulls,
    cursorOutOfRange,
    lookback: duration.nullable().default(null), // what the pipeline says
  }),
} as const satisfies Mode & { schema: unknown };

const snapshot = {
  covers: 'all',
  writes: ['replace', 'append', 'merge'],
  write: 'replace',
  mark: 'none',
  schema: z.strictObject({ mode: z.literal('snapshot') }),
} as const satisfies Mode & { schema: unknown };

const changes = {
  covers: 'new',
  writes: ['merge', 'append'],
  mark: 'position',
  schema: z.strictObject({ mode: z.literal('changes') }),
} as const satisfies Mode & { schema: unknown };

/** What a batch of files has brought is its interval's; a file that comes again takes the place of its rows of before. */
const files = {
  covers: 'interval',
  writes: ['replace-file'],
  write: 'replace-file',
  mark: 'none',
  schema: filesExtract,
} as const satisfies Mode & { schema: unknown };

const MODES = { interval, incremental, snapshot, changes, files } as const;

export const extraction = z.discriminatedUnion('mode', [
  interval.schema,
  incremental.schema,
  snapshot.schema,
  changes.schema,
  files.schema,
]);

/** As a definition has it, by mode: what is extracted, with the dispositions that may be stated. `D`: the pipeline's own default. */
export interface Extractions<D extends WriteDisposition> {
  readonly interval: Entry<IntervalExtract, typeof interval, D>;
  readonly incremental: Entry<IncrementalExtract, typeof incremental, D>;
  readonly snapshot: Entry<SnapshotExtract, typeof snapshot, D>;
  readonly changes: Entry<ChangesExtract, typeof changes, D>;
  readonly files: Entry<FilesExtract, typeof files, D>;
}
interface Entry<E, M extends Mode, D extends WriteDisposition> {
  readonly extract: E;
  readonly writes: M['writes'][number];
  readonly byDefault: M extends { readonly write: infer W extends WriteDisposition } ? W : D;
}

export type ExtractMode = keyof typeof MODES;
export const extractMode = z.enum(Object.keys(MODES) as [ExtractMode, ...ExtractMode[]]);

/** With its defaults filled in. */
export type ResolvedExtract =
  | (IntervalExtract & { readonly cursorNulls: 'fail' | 'exclude' })
  | (IncrementalExtract & { readonly cursorNulls: 'fail' | 'exclude'; readonly lookback: DurationText })
  | SnapshotExtract
  | ChangesExtract
  | ResolvedFilesExtract;

/** What there is to know of an extraction's mode, or of one that was recorded. */
export function modeOf({ mode }: { readonly mode: ExtractMode }): Mode {
  return MODES[mode];
}

/** The modes whose loads cover the same; for statements about loads that were applied. */
export function modesThatCover(what: Mode['covers']): readonly string[] {
  return extractMode.options.filter((mode) => MODES[mode].covers === what);
}

/** The column that orders the rows; undefined where none does. */
export function cursorColumn(extract: ResolvedExtract): string | undefined {
  return 'cursor' in extract ? extract.cursor : undefined;
}

/** Whether a table's rows come from files that arrive. */
export function isOfFiles(extract: ResolvedExtract): extract is ResolvedFilesExtract {
  return 'columns' in extract;
}

/** The modes whose marks are values of the same. */
export function modesMarkedBy(what: Mode['mark']): readonly string[] {
  return extractMode.options.filter((mode) => MODES[mode].mark === what);
}

/** Fills in what the pipeline says for all its tables. */
export function resolvedExtract(
  written: z.infer<typeof extraction>,
  { lookback }: { readonly lookback: DurationText },
): ResolvedExtract {
  return 'lookback' in written ? { ...written, lookback: written.lookback ?? lookback } : written;
}

/** How far before its mark an extraction reads again, in milliseconds. */
export function lookbackOf(extract: ResolvedExtract): number {
  return 'lookback' in extract ? milliseconds(extract.lookback) : 0;
}

/** Why a table of this mode cannot be written so; undefined where it can. */
export function writeProblem(
  extract: { readonly mode: ExtractMode },
  write: WriteDisposition,
): string | undefined {
  const { covers, writes } = modeOf(extract);
  if (writes.includes(write)) return undefined;
  const others = writes.map((each) => `'${each}'`).join(' or ');
  const reason: Partial<Record<WriteDisposition, string>> = {
    ...(covers !== 'all' && { replace: `with ${extract.mode} extraction would drop the other rows` }),
    'replace-interval': `needs ${modesThatWrite('replace-interval')}, not '${extract.mode}'`,
    'replace-file': `needs ${modesThatWrite('replace-file')}, not '${extract.mode}'`,
  };
  return `'${write}' ${reason[write] ?? `does not go with ${extract.mode} extraction`}; use ${others}.`;
}

/** `extract mode 'interval'` */
function modesThatWrite(write: WriteDisposition): string {
  const modes = extractMode.options.filter((mode) => (MODES[mode] as Mode).writes.includes(write));
  return `extract mode ${modes.map((mode) => `'${mode}'`).join(' or ')}`;
}
