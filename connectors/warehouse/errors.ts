import type { SchemaChange } from '../../core/evolution.ts';
import { intervalText, type DataInterval } from '../../core/interval.ts';
import { TerminalError } from '../../core/errors.ts';

/** The columns that came are not those of the target, and may not become so. */
export class SchemaDriftRejected extends TerminalError {
  override name = 'SchemaDriftRejected';
  readonly change: SchemaChange;

  constructor(target: string, change: SchemaChange, policy: 'conflict' | 'reject') {
    const lines =
      policy === 'conflict'
        ? change.conflicts.map(
            ({ name, from, to }) =>
              `column '${name}' is ${from} in the warehouse and ${to} in the source, and no type holds both exactly.`,
          )
        : [
            ...change.added.map(({ name, type }) => `column '${name}' (${type}) is new.`),
            ...change.removed.map(({ name, type }) => `column '${name}' (${type}) is gone.`),
            ...[...change.widened, ...change.conflicts].map(
              ({ name, from, to }) => `column '${name}' was ${from} and needs ${to}.`,
            ),
          ];
    super(
      `${target} refuses the columns of the source:\n${lines.map((line) => `  - ${line}`).join('\n')}\n` +
        (policy === 'conflict'
          ? `State a type under 'types', leave the column out under 'exclude', or drop ${target} in the warehouse and load its history again.`
          : `Allow it with onSchemaChange: 'evolve', leave new columns out under 'exclude', or change the source back.`),
    );
    this.change = change;
  }
}

/** SQL for the source that shows the rows whose key comes more than once. */
export function repeatedRows(from: string, key: readonly string[]): string {
  const names = key.join(', ');
  return `SELECT ${names}, count(*) FROM ${from} GROUP BY ${names} HAVING count(*) > 1`;
}

/** SQL for the source that shows the rows without a value in a column of the key. */
export function rowsWithout(from: string, column: string): string {
  return `SELECT * FROM ${from} WHERE ${column} IS NULL`;
}

/** The load's key does not identify its rows. */
export class KeyViolated extends TerminalError {
  override name = 'KeyViolated';

  /** @param look a condition or grouping that shows the rows in the source: their values are not for messages */
  constructor(target: string, key: readonly string[], problem: string, look?: string) {
    super(
      `${target}: primary key (${key.join(', ')}) ${problem} ` +
        `Correct 'primaryKey' in the pipeline, or the rows in the source${look === undefined ? '.' : `, which shows them with: ${look}`}`,
    );
  }
}

/** The files hold something else than their manifest says. */
export class CountMismatch extends TerminalError {
  override name = 'CountMismatch';

  constructor(loadId: string, problem: string) {
    super(`Load ${loadId}: ${problem} Nothing was loaded; extract the table again.`);
  }
}

/** What was read past a mark no longer meets a table that stands there: rows would come twice, or be missing. */
export class MarkMoved extends TerminalError {
  override name = 'MarkMoved';

  constructor(target: string, loadId: string) {
    super(
      `${target}: load ${loadId} holds the rows past the mark that it was read from, but the table no longer stands there: ` +
        `another run has moved its mark meanwhile, or the table was dropped or emptied. Nothing was changed; rerun, which extracts from there.`,
    );
  }
}

/** A newer load is already in the target: this one comes too late, whoever sent it. */
export class IntervalTaken extends TerminalError {
  override name = 'IntervalTaken';

  constructor(target: string, interval: DataInterval, loadId: string, newer: string) {
    super(
      `${target}: load ${loadId} of ${intervalText(interval)} comes too late, the newer load ${newer} is already applied. ` +
        `Nothing was changed; to load this interval again, extract it again.`,
    );
  }
}
