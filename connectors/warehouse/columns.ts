import { TerminalError } from '../../core/errors.ts';
import type { TableColumns } from '../../core/lineage/models.ts';
import type { Warehouse } from './port.ts';

const MOST = 100_000;

/** Of DuckDB and Redshift alike. */
const COLUMNS = `select table_schema, table_name, column_name, data_type from information_schema.columns
where table_schema not in ('information_schema', 'pg_catalog', '_sluice')
order by table_schema, table_name, ordinal_position`;

/** Every column of every table and view, in its order; by `schema.table`. @throws {TerminalError} there are more than 100,000 */
export async function columnsIn(
  warehouse: Pick<Warehouse, 'query'>,
  signal: AbortSignal,
): Promise<TableColumns> {
  const { rows, truncated } = await warehouse.query(COLUMNS, { limit: MOST, signal });
  if (truncated) throw new TerminalError(`The warehouse has more than ${MOST} columns.`);
  const tables = new Map<string, { name: string; type: string }[]>();
  for (const row of rows) {
    const key = `${String(row['table_schema'])}.${String(row['table_name'])}`;
    const column = { name: String(row['column_name']), type: String(row['data_type']) };
    tables.set(key, [...(tables.get(key) ?? []), column]);
  }
  return tables;
}
