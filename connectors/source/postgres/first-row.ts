import type { Client, QueryConfig } from 'pg';

const TIMEOUT = '30s';

/** Values stay the text that the server gave. */
const TEXTS = { getTypeParser: () => (value: unknown) => value } as NonNullable<QueryConfig['types']>;

/** The first row of a statement that reads. It is one statement: the extended protocol takes no more. */
export async function firstRow(
  client: Client,
  statement: string,
): Promise<Readonly<Record<string, string | null>> | undefined> {
  await client.query(
    `BEGIN READ ONLY; SET LOCAL statement_timeout = '${TIMEOUT}'; SET LOCAL lock_timeout = '${TIMEOUT}'`,
  );
  const { rows } = await client.query<Record<string, string | null>>({
    text: `SELECT * FROM (\n${statement.replace(/[\s;]+$/, '')}\n) AS looked_for LIMIT 1`,
    types: TEXTS,
    queryMode: 'extended',
  } as QueryConfig);
  return rows[0];
}
