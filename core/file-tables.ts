import { z } from 'zod';
import { columnType, type Column, type ColumnType } from './schema.ts';

/** A column of files, where its type alone does not say all. */
export interface FileColumn {
  readonly type: ColumnType;
  /** What the files call it; the column's own name when absent. */
  readonly from?: string;
  /** How dates and times are written, as `strptime` has it: `%m/%d/%Y %I:%M %p`. ISO 8601 when absent. */
  readonly format?: string;
}

/** Rows of the files that have arrived (docs/files.md). */
export interface FilesExtract {
  readonly mode: 'files';
  readonly format: 'csv' | 'jsonl' | 'parquet';
  /** Which of the files that arrive are this table's, by their key within the place; `*` is any part of one name. All when absent. */
  readonly pattern?: string;
  /** Every column there is, by name: a file that has more, less or others is refused. */
  readonly columns: Readonly<Record<string, ColumnType | FileColumn>>;
  /** The first line of a CSV file names the columns (default); without one they come in the order of `columns`. */
  readonly header?: boolean;
  /** Of CSV, one character (default `,`). */
  readonly delimiter?: string;
  /** Of CSV (default `"`). */
  readonly quote?: string;
  /** Of CSV (default `utf-8`); a byte order mark is passed over. */
  readonly encoding?: 'utf-8' | 'utf-16' | 'latin-1';
  /** Texts of CSV that stand for NULL where they are not quoted (default: the empty one). */
  readonly nulls?: readonly string[];
  /** Quoted ones stand for NULL as well (default false: they are texts). */
  readonly quotedNulls?: boolean;
  /** A row that does not fit: `fail` (default) stops the run, naming file and line; `quarantine` leaves it out and counts it. */
  readonly badRows?: 'fail' | 'quarantine';
}

/** Columns that every table of files has beside its own: the file's path below the root of the connection, and the number of the row in it, from 1. */
export const FILE_COLUMNS = [
  { name: '_file', type: 'string', nullable: false },
  { name: '_row', type: 'int64', nullable: false },
] as const satisfies readonly Column[];

const oneCharacter = z.string().length(1, 'must be one character');
const fileColumn = z.union(
  [
    columnType,
    z.strictObject({
      type: columnType,
      from: z.exactOptional(z.string().min(1)),
      format: z.exactOptional(z.string().includes('%', { error: "must be of parts like '%Y-%m-%d'" })),
    }),
  ],
  { error: 'must be a type such as int64 or decimal(12,2), or { type, from, format }' },
);

export const filesExtract = z
  .strictObject({
    mode: z.literal('files'),
    format: z.enum(['csv', 'jsonl', 'parquet']),
    pattern: z.exactOptional(z.string().min(1)),
    columns: z.record(z.string().regex(/^(?!_)./, "must not begin with '_'"), fileColumn),
    header: z.boolean().default(true),
    delimiter: oneCharacter.default(','),
    quote: oneCharacter.default('"'),
    encoding: z.enum(['utf-8', 'utf-16', 'latin-1']).default('utf-8'),
    nulls: z.array(z.string()).default(['']),
    quotedNulls: z.boolean().default(false),
    badRows: z.enum(['fail', 'quarantine']).default('fail'),
  })
  .superRefine(({ columns, format }, context) => {
    const named = columnsOf({ columns });
    if (!named.length) context.addIssue({ code: 'custom', path: ['columns'], message: 'must name a column' });
    const twice = named.find(({ from }, at) => named.findIndex((other) => other.from === from) !== at);
    if (twice)
      context.addIssue({
        code: 'custom',
        path: ['columns'],
        message: `takes '${twice.from}' of the files twice`,
      });
    for (const { name, type, format: written } of named) {
      const problem =
        written !== undefined
          ? formatProblem(type, written)
          : type === 'binary' && format !== 'parquet'
            ? 'bytes are in Parquet alone; take string'
            : undefined;
      if (problem !== undefined)
        context.addIssue({ code: 'custom', path: ['columns', name], message: problem });
    }
  });

function formatProblem(type: ColumnType, format: string): string | undefined {
  if (!TIMES.includes(type)) return `a format is of dates and times, not of ${type}`;
  if (formatHasZone(format) && type !== 'timestamptz')
    return `a format with a zone gives moments, which ${type} has none of; take timestamptz`;
  return parts(format).includes('%n') ? 'times have six digits after the second; take %f' : undefined;
}

/** Whether a format of `strptime` says the zone of a time. */
export function formatHasZone(format: string): boolean {
  return parts(format).some((part) => part === '%z' || part === '%Z');
}

function parts(format: string): readonly string[] {
  return format.match(/%-?[^-]/gs) ?? [];
}

const TIMES: readonly ColumnType[] = ['date', 'timestamp', 'timestamptz'];

/** With its defaults filled in. */
export type ResolvedFilesExtract = FilesExtract &
  Required<
    Pick<FilesExtract, 'header' | 'delimiter' | 'quote' | 'encoding' | 'nulls' | 'quotedNulls' | 'badRows'>
  >;

export interface NamedFileColumn {
  readonly name: string;
  readonly type: ColumnType;
  readonly from: string;
  readonly format?: string;
}

/** The columns that a table declares, in their order. */
export function columnsOf({ columns }: Pick<FilesExtract, 'columns'>): readonly NamedFileColumn[] {
  return Object.entries(columns).map(([name, column]) =>
    typeof column === 'string' ? { name, type: column, from: name } : { from: name, ...column, name },
  );
}
