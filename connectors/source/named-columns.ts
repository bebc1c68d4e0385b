import { TerminalError } from '../../core/errors.ts';
import { modeOf } from '../../core/extract-modes.ts';
import type { ResolvedTable } from '../../core/pipeline.ts';

/** The ordering column of an extraction. */
export interface Cursor {
  readonly column: string;
  /** In the database's own words: `timestamptz`, `int8`, `datetime`. */
  readonly type: string;
  readonly kind: 'time' | 'counter';
  readonly nullable: boolean;
  readonly indexed: boolean;
  /** That its dates, and its times without zone, are in. */
  readonly zone: string;
}

/** A column, as far as a cursor is chosen by it. */
interface Candidate {
  readonly name: string;
  readonly type: { readonly name: string; readonly declared: string };
  readonly nullable: boolean;
  readonly indexed: boolean;
}

/** What can be a cursor in a database. */
export interface Orders<C extends Candidate> {
  /** Names of types. */
  readonly times: readonly string[];
  readonly counters: readonly string[];
  /** Whether a column's type is the one that its name says, and no type of a user's. */
  readonly isOwn?: (column: C) => boolean;
}

/** @throws {TerminalError} naming the columns that would do, when the cursor is missing or has no fitting order */
export function chooseCursor<C extends Candidate>(
  { extract, timezone = 'UTC' }: Pick<ResolvedTable, 'extract' | 'timezone'>,
  table: string,
  columns: readonly C[],
  { times, counters, isOwn = () => true }: Orders<C>,
): Cursor {
  if (!('cursor' in extract)) throw new TypeError(`${extract.mode} extraction has no cursor`);
  const fitting = modeOf(extract).covers === 'interval' ? times : [...times, ...counters];
  const fits = (column: C) => isOwn(column) && fitting.includes(column.type.name);
  const candidates = columns.filter(fits).map(({ name }) => name);
  const advice = candidates.length
    ? `Columns that can be a cursor: ${candidates.join(', ')}.`
    : `The table has no column that can be one; use mode 'snapshot'.`;
  const column = columns.find(({ name }) => name === extract.cursor);
  if (!column)
    throw new TerminalError(`Cursor column '${extract.cursor}' is not in table ${table}. ${advice}`);
  const { name, declared } = column.type;
  if (!fits(column)) {
    const counter = isOwn(column) && counters.includes(name);
    const reason = counter ? `lies in no time interval` : `has no order that follows time`;
    throw new TerminalError(
      `Cursor column '${extract.cursor}' (${declared}) of table ${table} ${reason}. ${advice}${counter ? ` For this column use mode 'incremental'.` : ''}`,
    );
  }
  return {
    column: column.name,
    type: name,
    kind: times.includes(name) ? 'time' : 'counter',
    nullable: column.nullable,
    indexed: column.indexed,
    zone: timezone,
  };
}

/** What is wrong with columns that a definition names: `exclude`, `types` and `primaryKey` name only those that there are. */
export function unknownColumns(
  { exclude, types, primaryKey }: Pick<ResolvedTable, 'exclude' | 'types' | 'primaryKey'>,
  names: readonly string[],
): string[] {
  return Object.entries({ exclude, types: Object.keys(types), primaryKey }).flatMap(([field, wanted]) =>
    wanted
      .filter((name) => !names.includes(name))
      .map(
        (name) =>
          `${field} names column '${name}', which the table does not have; it has ${names.join(', ')}.`,
      ),
  );
}
