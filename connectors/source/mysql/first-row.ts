import type { Connection } from 'mysql2/promise';

const TIMEOUT_MS = 30_000;

/** The first row of a statement that reads, its values as text. It is one statement: several are not taken. */
export async function firstRow(
  client: Connection,
  statement: string,
): Promise<Readonly<Record<string, string | null>> | undefined> {
  await client.query('START TRANSACTION READ ONLY');
  const [rows] = await client.query({
    sql: `SELECT * FROM (\n${statement.replace(/[\s;]+$/, '')}\n) AS looked_for LIMIT 1`,
    timeout: TIMEOUT_MS,
    typeCast: (field: { string: () => string | null }) => field.string(),
  });
  return (rows as Record<string, string | null>[])[0];
}
