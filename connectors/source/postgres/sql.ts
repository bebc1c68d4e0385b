import type { QualifiedName } from '../qualified-name.ts';

/** A quoted identifier. @see https://www.postgresql.org/docs/current/sql-syntax-lexical.html */
export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A string literal for PostgreSQL (any `standard_conforming_strings`) and, without backslashes, for DuckDB. */
export function literal(text: string): string {
  const quoted = `'${text.replaceAll("'", "''")}'`;
  return text.includes('\\') ? `E${quoted.replaceAll('\\', '\\\\')}` : quoted;
}

/** A string literal for DuckDB, in which a backslash is an ordinary character. */
export function duckdbLiteral(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

export function quoted(name: QualifiedName): string {
  return `${identifier(name.schema)}.${identifier(name.table)}`;
}
