import type { DuckDBConnection } from '@duckdb/node-api';
import { cursorName, type Mark } from '../../../core/mark.ts';
import { columnsOf, rows } from './loads-table.ts';
import { targetOf } from './target.ts';
import { footingOfChanges } from '../changes.ts';
import { footingOf, type Footing } from '../marks.ts';

const OF_TABLE = 'pipeline = $pipeline AND table_name = $table';

/** The mark that the last load of a mode has left; without a mode, the last of any that goes on from one. Reads tables of older versions as they are: a reader may not change them. */
export async function lastMark(
  connection: DuckDBConnection,
  pipeline: string,
  table: string,
  mode?: 'incremental' | 'changes' | 'interval' | 'snapshot',
): Promise<Mark | undefined> {
  const modes = mode === undefined ? MARKED : `('${mode}')`;
  const known = await columnsOf(connection, '_sluice', 'loads');
  const cursor = known.has('cursor_type') ? 'cursor_column AS column, cursor_type AS type' : 'NULL AS type';
  const [row] = await rows(
    connection,
    `SELECT high_water_mark AS value, ${cursor} FROM _sluice.loads WHERE ${OF_TABLE}
       AND mode IN ${modes} AND high_water_mark IS NOT NULL ORDER BY sequence DESC LIMIT 1`,
    { pipeline, table },
  );
  if (!row) return undefined;
  const { value, column, type } = row;
  return { value: String(value), cursor: type === null ? null : cursorName.parse({ column, type }) };
}

/** The modes that go on from a mark. */
const MARKED = `('incremental', 'changes')`;

/** What the mark of a table stands on: whether its target still has the rows that it speaks of. */
export async function footing(
  connection: DuckDBConnection,
  pipeline: string,
  table: string,
): Promise<Footing> {
  const target = targetOf(pipeline, table);
  if (!(await columnsOf(connection, target.schema, table)).has('_load_id')) return 'gone';
  if ((await lastMode(connection, pipeline, table)) === 'changes')
    return footingOfItsChanges(connection, pipeline, table);
  const [row] = await rows(
    connection,
    `SELECT max(sequence) FILTER (load_id IN (SELECT DISTINCT _load_id FROM ${target.name})) AS landed,
       max(sequence) FILTER (mode = 'incremental' AND high_water_mark IS NOT NULL AND rows_loaded > rows_outdated) AS marked
     FROM _sluice.loads WHERE ${OF_TABLE}`,
    { pipeline, table },
  );
  return footingOf(row?.['landed'], row?.['marked']);
}

async function lastMode(connection: DuckDBConnection, pipeline: string, table: string): Promise<unknown> {
  const [row] = await rows(
    connection,
    `SELECT mode FROM _sluice.loads WHERE ${OF_TABLE} AND mode IN ${MARKED} AND high_water_mark IS NOT NULL ORDER BY sequence DESC LIMIT 1`,
    { pipeline, table },
  );
  return row?.['mode'];
}

/** The first load whose mark stands has read the table whole: what it took away counts no more. */
async function footingOfItsChanges(
  connection: DuckDBConnection,
  pipeline: string,
  table: string,
): Promise<Footing> {
  const [row] = await rows(
    connection,
    `SELECT (SELECT count(*) FROM ${targetOf(pipeline, table).name}) AS rows,
       sum(rows_loaded - rows_outdated - CASE WHEN sequence = first THEN 0 ELSE rows_deleted END) AS expected
     FROM (SELECT *, min(sequence) OVER () AS first FROM _sluice.loads WHERE ${OF_TABLE} AND mode = 'changes' AND high_water_mark IS NOT NULL)`,
    { pipeline, table },
  );
  return footingOfChanges(Number(row?.['rows']), Number(row?.['expected']));
}

/** Takes back what loads have said of a target that is gone. */
export async function voidMarks(
  connection: DuckDBConnection,
  pipeline: string,
  table: string,
): Promise<void> {
  await connection.run(
    `UPDATE _sluice.loads SET high_water_mark = NULL WHERE ${OF_TABLE} AND high_water_mark IS NOT NULL`,
    { pipeline, table },
  );
}

/** Says again what an applied load has said, once its rows are back. */
export async function restoreMark(connection: DuckDBConnection, loadId: string, mark: string): Promise<void> {
  await connection.run(`UPDATE _sluice.loads SET high_water_mark = $mark WHERE load_id = $loadId`, {
    loadId,
    mark,
  });
}
