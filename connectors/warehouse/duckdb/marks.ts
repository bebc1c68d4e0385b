import type { DuckDBConnection } from '@duckdb/node-api';
import { modesMarkedBy, modesThatCover } from '../../../core/extract-modes.ts';
import { markNameOf, type Mark } from '../../../core/mark.ts';
import { text } from './ddl.ts';
import { columnsOf, rows } from './loads-table.ts';
import { targetOf } from './target.ts';
import { footingOfChanges } from '../changes.ts';
import { footingOf, type Footing } from '../marks.ts';

/** Modes whose loads go on from a mark, as a list of literals. */
export const GOING_ON = listed(modesThatCover('new'));

/** Modes whose loads follow a log of changes. */
const FOLLOWING = modesMarkedBy('position');

const OF_TABLE = 'pipeline = $pipeline AND table_name = $table';

/** The mark that the last load of these modes has left. Reads tables of older versions as they are: a reader may not change them. */
export async function lastMark(
  connection: DuckDBConnection,
  pipeline: string,
  table: string,
  modes: readonly string[],
): Promise<Mark | undefined> {
  const known = await columnsOf(connection, '_sluice', 'loads');
  const cursor = known.has('cursor_type') ? 'cursor_column AS column, cursor_type AS type' : 'NULL AS type';
  const [row] = await rows(
    connection,
    `SELECT high_water_mark AS value, ${cursor} FROM _sluice.loads WHERE ${OF_TABLE}
       AND mode IN (${listed(modes)}) AND high_water_mark IS NOT NULL ORDER BY sequence DESC LIMIT 1`,
    { pipeline, table },
  );
  if (!row) return undefined;
  return { value: String(row['value']), cursor: markNameOf(row) };
}

/** What the mark of a table stands on: whether its target still has the rows that it speaks of. */
export async function footing(
  connection: DuckDBConnection,
  pipeline: string,
  table: string,
): Promise<Footing> {
  const target = targetOf(pipeline, table);
  if (!(await columnsOf(connection, target.schema, table)).has('_load_id')) return 'gone';
  if (FOLLOWING.includes(await lastMode(connection, pipeline, table)))
    return footingOfItsChanges(connection, pipeline, table);
  const [row] = await rows(
    connection,
    `SELECT max(sequence) FILTER (load_id IN (SELECT DISTINCT _load_id FROM ${target.name})) AS landed,
       max(sequence) FILTER (mode IN (${GOING_ON}) AND high_water_mark IS NOT NULL AND rows_loaded > rows_outdated) AS marked
     FROM _sluice.loads WHERE ${OF_TABLE}`,
    { pipeline, table },
  );
  return footingOf(row?.['landed'], row?.['marked']);
}

async function lastMode(connection: DuckDBConnection, pipeline: string, table: string): Promise<string> {
  const [row] = await rows(
    connection,
    `SELECT mode FROM _sluice.loads WHERE ${OF_TABLE} AND mode IN (${GOING_ON}) AND high_water_mark IS NOT NULL ORDER BY sequence DESC LIMIT 1`,
    { pipeline, table },
  );
  return String(row?.['mode']);
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
     FROM (SELECT *, min(sequence) OVER () AS first FROM _sluice.loads WHERE ${OF_TABLE} AND mode IN (${listed(FOLLOWING)}) AND high_water_mark IS NOT NULL)`,
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

function listed(modes: readonly string[]): string {
  return modes.map(text).join(', ');
}
