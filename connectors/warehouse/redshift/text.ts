import { TerminalError } from '../../../core/errors.ts';

/** Redshift folds names to lower case even when they are quoted (enable_case_sensitive_identifier is off by default). */
export function folded(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

const NAME_BYTES = 127; // https://docs.aws.amazon.com/redshift/latest/dg/r_names.html

/** A quoted name. @throws {TerminalError} longer than Redshift takes */
export function identifier(name: string): string {
  if (Buffer.byteLength(name) > NAME_BYTES) {
    throw new TerminalError(
      `'${name}' has more than ${NAME_BYTES} bytes, the longest name in Redshift. Rename it in the source (a view will do), or leave it out under 'exclude'.`,
    );
  }
  return `"${folded(name).replaceAll('"', '""')}"`;
}

export function qualified(schema: string, table: string): string {
  return `${identifier(schema)}.${identifier(table)}`;
}

/** A text literal. Redshift reads backslashes in it as escapes. */
export function text(value: string): string {
  return `'${value.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
}

const HIDDEN = /'(?:[^'\\]|''|\\[\s\S])*'|"(?:[^"]|"")*"|--[^\n]*|\/\*[\s\S]*?\*\//g;
const READS = /^(?:select|with|show|explain|values|\()/i;
const WRITES =
  /\b(?:insert|update|delete|merge|into|create|alter|drop|truncate|copy|unload|grant|revoke|call|vacuum|analyze|lock|commit|rollback|begin|set)\b/i;

/** @throws {TerminalError} unless the text is one statement that reads */
export function mustRead(sql: string): void {
  const shown = sql.replace(HIDDEN, (hidden) => (/^['"]/.test(hidden) ? 'x' : ' ')).trim();
  const statements = shown.split(';').filter((part) => part.trim()).length;
  if (statements !== 1) {
    throw new TerminalError(`A query is one statement, this is ${statements}. Run them one by one.`);
  }
  if (!READS.test(shown) || WRITES.test(withoutBrackets(shown))) {
    throw new TerminalError(
      `A query reads, this statement writes: ${sql.trim().slice(0, 80)}. Give a SELECT.`,
    );
  }
}

/** What is in brackets cannot write in Redshift; columns there may have any name. */
function withoutBrackets(sql: string): string {
  const outer = sql.replace(/\([^()]*\)/g, ' ');
  return outer === sql ? sql : withoutBrackets(outer);
}
