import { messageOf, PipelineError, TerminalError } from '../../../core/errors.ts';

const list = (names: readonly string[]) => names.map((name) => `'${name}'`).join(', ');

/** The columns of a file are not those that the table declares. */
export function columnsDiffer(
  file: string,
  found: {
    readonly missing?: readonly string[];
    readonly extra?: readonly string[];
    readonly twice?: readonly string[];
    readonly types?: readonly string[];
  },
): TerminalError {
  const { missing = [], extra = [], twice = [], types = [] } = found;
  const problems = [
    ...(missing.length ? [`it has no ${list(missing)}`] : []),
    ...(extra.length ? [`${list(extra)} ${extra.length === 1 ? 'is' : 'are'} not declared`] : []),
    ...(twice.length ? [`${list([...new Set(twice)])} comes twice`] : []),
    ...types,
  ];
  return new TerminalError(
    `${file}: its columns are not those of the table: ${problems.join('; ')}. ` +
      `Correct the file, or 'columns' of the table ('from' says what files call a column), then rerun.`,
  );
}

export interface BadRow {
  readonly row: number;
  readonly line: number | undefined;
  /** What the table calls the column; empty of the row as a whole. */
  readonly column: string;
  readonly type?: string | undefined;
}

/** Without the value, which may be anybody's. */
export function badRow(file: string, { row, line, column, type }: BadRow): TerminalError {
  const where = line === undefined ? `row ${row}` : `line ${line}`;
  const what =
    column === ''
      ? 'the row is no object of the declared columns: it has others, or one of them twice'
      : `'${column}' is no ${type ?? 'value of its type'}, as it is written there`;
  return new TerminalError(
    `${file}, ${where}: ${what}. Nothing of the run's files was loaded. ` +
      `Correct the file or the table's 'columns', or leave such rows out and count them (badRows: 'quarantine'), then rerun.`,
  );
}

/** What DuckDB says of a file that it cannot read, without the lines that it shows. */
export function unreadableFile(error: unknown, file: string): Error {
  if (error instanceof PipelineError) return error;
  const said = messageOf(error);
  const line = /CSV Error on Line: (\d+)/.exec(said)?.[1] ?? /in line (\d+)/.exec(said)?.[1];
  const reason = REASONS.find(([pattern]) => pattern.test(said));
  if (!reason && line === undefined && !/^Invalid Input Error|^IO Error|^Serialization|^Parser/.test(said))
    return error instanceof Error ? error : new Error(said);
  const [, say] = reason ?? [];
  const counts = /Expected Number of Columns: (\d+) Found: (\d+)/.exec(said);
  const what = counts
    ? `the row has ${counts[2] ?? ''} fields, not ${counts[1] ?? ''}`
    : (say ?? firstLine(said));
  return new TerminalError(
    `${file}${line === undefined ? '' : `, line ${line}`}: ${what}. Nothing of the run's files was loaded. ` +
      `Correct the file, or what the table says of its format, then rerun.`,
    { cause: error },
  );
}

const REASONS: readonly (readonly [RegExp, string])[] = [
  [/Expected Number of Columns/, ''],
  [/unterminated quote/i, 'a quoted field does not end as one'],
  [/Invalid unicode|not utf-8 encoded|Invalid encoding/i, "bytes that are not of the table's 'encoding'"],
  [/Maximum line size/i, 'a line is longer than 2 MB; perhaps a quote is missing'],
  [/state machine reached an invalid state/, 'line ends of both kinds, or quotes that do not fit'],
  [/byte order mark/, 'it begins with a byte order mark, which JSON lines may not have'],
  [/Malformed JSON/, 'it is no JSON'],
  [/No magic bytes|too small to be a Parquet|Parquet file/i, 'it is no whole Parquet file'],
];

function firstLine(text: string): string {
  return text.split('\n')[0]?.replace(/\.$/, '') ?? '';
}
