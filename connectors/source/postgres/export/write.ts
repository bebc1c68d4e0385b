import type { Client } from 'pg';
import type { Exported, ExportRequest } from '../../port.ts';
import type { CarriedColumn } from '../columns.ts';
import { partQuery } from '../plan.ts';
import { readTable, type Reading } from '../read-table.ts';
import { exportFailure } from './failure.ts';
import { markOf } from './under-way.ts';

/** Whose rows PostgreSQL writes into S3. */
export interface Exporting extends Reading {
  readonly request: ExportRequest;
}

/** Arguments of COPY. Quotes tell a NULL from every text; an empty line would be a row of one NULL. */
const OPTIONS = String.raw`format csv, force_quote *, null '\N', encoding 'UTF8'`;

const EXPORT = `
SELECT rows_uploaded AS rows, files_uploaded AS files, bytes_uploaded AS bytes
FROM aws_s3.query_export_to_s3($1, aws_commons.create_s3_uri($2, $3, $4), options := $5)`;

/**
 * Exports within the snapshot that the session holds, part after part: the same parts that streams would read.
 * @see https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/postgresql-s3-export-functions.html
 */
export async function exportTable(exporting: Exporting): Promise<Exported> {
  const { relation, request } = exporting;
  const { files, ...said } = await readTable(exporting, async ({ parts, columns, condition }, facts) => {
    const found = await facts(); // before the rows: they may not be wanted then
    const guarded = columns.map(guardedInPostgres);
    const written: Exported['parts'][number][] = [];
    for (const [index, part] of parts.entries()) {
      request.onProgress?.({ parts: index, of: parts.length });
      const query = partQuery(part, relation.sql, guarded, condition);
      written.push(await exportPart(exporting, `part-${index}`, query));
    }
    return [written, found] as const;
  });
  return { ...said, parts: files };
}

async function exportPart({ client, request }: Exporting, name: string, query: string) {
  const { token, to } = request;
  const mark = markOf(token);
  // A failure must leave the snapshot as it was, for the question of which value it was.
  await client.query(`${mark} SAVEPOINT export`);
  try {
    const place = [to.bucket, `${to.prefix}${name}`, to.region];
    const { rows, files, bytes } = await uploaded(client, mark, [query, ...place, OPTIONS]);
    await client.query(`${mark} RELEASE SAVEPOINT export`);
    return { name, rows, files, bytes };
  } catch (error) {
    await client.query(`${mark} ROLLBACK TO SAVEPOINT export`).catch(() => undefined);
    throw exportFailure(error, request);
  }
}

async function uploaded(client: Client, mark: string, values: readonly string[]) {
  const { rows } = await client.query<Record<'rows' | 'files' | 'bytes', string>>(`${mark}${EXPORT}`, [
    ...values,
  ]);
  const [row] = rows;
  return { rows: Number(row?.rows), files: Number(row?.files), bytes: Number(row?.bytes) };
}

/** There are no statistics of a file to look at: PostgreSQL looks at every value. */
function guardedInPostgres(column: CarriedColumn): CarriedColumn {
  const { loss, ...carriage } = column.carriage;
  if (!loss) return column;
  const { sql, of, what } = loss;
  return { ...column, carriage: { ...carriage, loss: { sql, of, what } } };
}
