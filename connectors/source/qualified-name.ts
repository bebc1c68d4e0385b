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
