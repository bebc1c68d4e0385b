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

export interface QualifiedName {
  readonly schema: string;
  readonly table: string;
}

/**
 * Reads a table's name as pipelines write it: `table`, `schema.table`, or with quotes where a name holds a dot:
 * `"my.schema"."my.table"`. Names are exact: case is never folded.
 */
export function qualifiedName(from: string, defaultSchema: string): QualifiedName {
  const parts = [...from.matchAll(/"((?:[^"]|"")*)"(?:\.|$)|([^".]+)(?:\.|$)/g)].map(
    ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? '',
  );
  const [first = from, ...rest] = parts;
  return rest.length ? { schema: first, table: rest.join('.') } : { schema: defaultSchema, table: first };
}

export function quoted(name: QualifiedName): string {
  return `${identifier(name.schema)}.${identifier(name.table)}`;
}
