/** A quoted identifier, in any sql_mode. @see https://dev.mysql.com/doc/refman/8.4/en/identifiers.html */
export function identifier(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``;
}

/** A string for MySQL that means the same in any sql_mode and character set of the session. */
export function literal(text: string): string {
  if (/^[\w .:+-]*$/.test(text)) return `'${text}'`;
  return `CONVERT(X'${Buffer.from(text, 'utf8').toString('hex')}' USING utf8mb4)`;
}

/** A string literal for DuckDB. */
export function duckdbLiteral(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** A quoted identifier for DuckDB. */
export function duckdbIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
