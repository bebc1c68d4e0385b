import { TerminalError, TransientError } from '../core/errors.ts';

/** A value, a line or a heading of a data file that cannot be what the table needs. */
export class DataMalformed extends TerminalError {
  override name = 'DataMalformed';
  readonly file: string;
  readonly line: number | undefined;
  readonly column: string | undefined;

  constructor(file: string, line: number | undefined, column: string | undefined, problem: string) {
    const where = [
      file,
      ...(line === undefined ? [] : [`line ${line}`]),
      ...(column === undefined ? [] : [`column ${column}`]),
    ].join(', ');
    super(`${where}: ${problem} Nothing was loaded; correct the file and seed again.`);
    this.file = file;
    this.line = line;
    this.column = column;
  }
}

/** A place given as data that is not there or holds nothing to load. */
export class DataMissing extends TerminalError {
  override name = 'DataMissing';

  constructor(path: string, problem: string) {
    super(`Data place '${path}' ${problem}`);
  }
}

/** The rows of the files do not fit together: a key twice, or a row that refers to none. */
export class DataInconsistent extends TerminalError {
  override name = 'DataInconsistent';
}

/** PostgreSQL took another number of rows than were sent. */
export class RowsLost extends TransientError {
  override name = 'RowsLost';

  constructor(table: string, sent: number, stored: number) {
    super(`Table ${table} took ${stored} of ${sent} rows. Nothing was kept; seed again.`);
  }
}

export class SeedInProgress extends TransientError {
  override name = 'SeedInProgress';

  constructor() {
    super('Another seeding of this database is under way. Wait until it ends, then try again.');
  }
}

/** Changes were asked for where there is nothing to change. */
export class NotSeeded extends TerminalError {
  override name = 'NotSeeded';

  constructor(problem: string) {
    super(`The source database cannot be advanced: ${problem} Run 'sluice seed' first.`);
  }
}

/** PostgreSQL refused what the seeder asked for, for a reason that will not go away by itself. */
export class DatabaseRefused extends TerminalError {
  override name = 'DatabaseRefused';
}

/** The database was not reached, or was lost on the way; nothing of the seeding was kept. */
export class DatabaseUnreachable extends TransientError {
  override name = 'DatabaseUnreachable';
}
