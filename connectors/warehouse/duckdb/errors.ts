import {
  messageOf,
  PipelineError,
  TerminalError,
  TransientError,
  Unreachable,
} from '../../../core/errors.ts';
import { ownWords, withoutValues } from '../../../core/values.ts';

/** Another program has the warehouse file open. */
export class WarehouseHeld extends Unreachable {
  override name = 'WarehouseHeld';

  constructor(file: string, holder: string, waitedMs: number, cause: unknown) {
    super(
      `Warehouse file ${file} is held by another program${holder && `: ${holder}`}; waited ${Math.round(waitedMs / 1000)} s for it. ` +
        `DuckDB lets one program write at a time: close that program (a DuckDB shell, a notebook, dbt, another worker), then try again.`,
      { cause },
    );
  }
}

export function isLockConflict(error: unknown): boolean {
  return messageOf(error).includes('Could not set lock on file');
}

/** `/usr/bin/duckdb (PID 4731)` where DuckDB says so, else empty. */
export function lockHolder(error: unknown): string {
  return /Conflicting lock is held in (.+?\(PID \d+\))/.exec(messageOf(error))?.[1] ?? '';
}

const RULES: readonly {
  readonly pattern: RegExp;
  readonly kind: typeof TerminalError | typeof TransientError;
  readonly say: (file: string, message: string) => string;
}[] = [
  {
    pattern: /^Permission Error/i,
    kind: TerminalError,
    say: (file) => `it reaches for something outside of ${file}, which queries may not.`,
  },
  {
    pattern: /No space left on device|max_temp_directory_size|Disk quota exceeded/i,
    kind: TerminalError,
    say: (file) => `the disk of ${file} is full. Free space there or move the warehouse, then rerun.`,
  },
  {
    pattern: /^Out of Memory Error/i,
    kind: TerminalError,
    say: (file) => `${file}: the memory limit is too small for this. Raise 'memoryLimit' of the warehouse.`,
  },
  {
    pattern: /Permission denied|Read-only file system/i,
    kind: TerminalError,
    say: (file) => `${file} or its folder may not be written. Give this user the right to write there.`,
  },
  {
    pattern:
      /not a valid DuckDB database file|corrupt|checksum|version number .* newer|^(Serialization|INTERNAL) Error/i,
    kind: TerminalError,
    say: (file) =>
      `${file} cannot be read as a DuckDB 1.5 database. Restore it from a backup, or move it away and load the history again from the lake.`,
  },
  {
    pattern: /No magic bytes|Parquet file|No files found that match/i,
    kind: TerminalError,
    say: () => `a file of the load is missing or damaged. Extract the table again.`,
  },
  {
    pattern: /^(TransactionContext|FATAL|IO|Connection) Error/,
    kind: TransientError,
    say: (file, message) =>
      message.startsWith('IO Error') && !message.includes(file)
        ? `a file other than ${file} could not be used just now: DuckDB names it.`
        : `${file} could not be used just now. If it stays so, look at its disk.`,
  },
];

/** Kinds that never tell of files, whatever names they give. */
const OF_STATEMENT = /^(Binder|Parser|Syntax|Catalog|Conversion|Constraint) Error/;

/** DuckDB's own kinds for a statement or data that are at fault: they end the same way each time. */
const AT_FAULT =
  /^(Binder|Parser|Syntax|Catalog|Conversion|Constraint|Out of Range|Invalid Input|Invalid|Invalid Type|Not implemented|Mismatch Type|Dependency|Permission|Parameter \S+|Settings|Object Size|Divide by Zero|Decimal|Sequence|Cardinality|Missing Extension|Autoload) Error/;

/**
 * Turns what DuckDB threw into ours, once: `place` is the file, `doing` what was under way. Our own errors pass as they are.
 * @param owned the statement is of the person who reads the message, who may read the rows: it is told whole, with its place in the statement
 */
export function translated(error: unknown, file: string, doing: string, owned = false): Error {
  if (error instanceof PipelineError) return error;
  const message = messageOf(error).replace(/^Failed to [a-z ]+: (?=[A-Z][\w ]* Error: )/, '');
  const own = ownWords(message);
  const rule = OF_STATEMENT.test(own) ? undefined : RULES.find(({ pattern }) => pattern.test(own));
  const said = (owned ? message : withoutValues(message.split('\n\nLINE ')[0] ?? '')).slice(0, 2000);
  const Kind = rule?.kind ?? (AT_FAULT.test(message) ? TerminalError : TransientError);
  return new Kind(
    rule
      ? `${doing}: ${rule.say(file, message)} DuckDB says: ${said}`
      : `${doing} failed in ${file}. DuckDB says: ${said}`,
    { cause: error },
  );
}
