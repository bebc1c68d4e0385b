import { DuckDBInstance } from '@duckdb/node-api';
import { z } from 'zod';

/** A node of DuckDB's syntax tree; what it holds goes by its `type`. */
export type Tree = Readonly<Record<string, unknown>>;

const parsed = z.union([
  z.object({ error: z.literal(true) }),
  z.object({
    error: z.literal(false),
    statements: z.tuple([z.object({ node: z.record(z.string(), z.unknown()) })]),
  }),
]);

/** Reads selects by DuckDB's own parser, which knows nearly all that Redshift's does; nothing is run, and no table need be there. */
export class SelectParser {
  readonly #instance: DuckDBInstance;

  private constructor(instance: DuckDBInstance) {
    this.#instance = instance;
  }

  /** Gives `use` a parser, for as long as it runs. */
  static async with<T>(use: (parser: SelectParser) => Promise<T>): Promise<T> {
    const instance = await DuckDBInstance.create(':memory:', { threads: '1', memory_limit: '256MB' });
    try {
      return await use(new SelectParser(instance));
    } finally {
      instance.closeSync();
    }
  }

  /** Undefined where it is not one select, or of a dialect that the parser does not read. */
  async parse(sql: string): Promise<Tree | undefined> {
    const connection = await this.#instance.connect();
    try {
      // https://duckdb.org/docs/stable/sql/functions/json#json-serialization-of-sql-statements
      const reader = await connection.runAndReadAll(
        'SELECT json_serialize_sql($1::VARCHAR)::VARCHAR AS tree',
        [sql],
      );
      const [row] = reader.getRowObjectsJson();
      const read = parsed.safeParse(JSON.parse(row?.['tree'] as string));
      return read.success && !read.data.error ? read.data.statements[0].node : undefined;
    } finally {
      connection.closeSync();
    }
  }
}
