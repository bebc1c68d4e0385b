import { rename, rm, stat } from 'node:fs/promises';
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { orCleanUp } from '../../../core/clean-up.ts';
import { text } from './ddl.ts';
import { hasBookkeeping, rows } from './loads-table.ts';
import { GOING_ON, footing } from './marks.ts';

/**
 * What a warehouse file's `_sluice.loads` says, in a Parquet file beside it, for as long as the file itself is handed over and nobody else
 * can look into it. Nothing is loaded meanwhile, so it is exact; should a process be killed and leave it, a mark read from it is
 * behind at most: a merge reads rows again, and an append is refused by the load itself (`MarkMoved`).
 */
export class LoadsAside {
  readonly #path: string;

  constructor(file: string) {
    this.#path = `${file}.loads.parquet`;
  }

  /** Written on a connection to the file, which is then closed and handed over. */
  async write(connection: DuckDBConnection): Promise<void> {
    if (!(await hasBookkeeping(connection))) return;
    const draft = `${this.#path}.new`;
    await orCleanUp(
      async () => {
        await connection.run(`COPY (${await standing(connection)}) TO ${text(draft)} (FORMAT parquet)`);
        await rename(draft, this.#path);
      },
      () => rm(draft, { force: true }),
    );
  }

  async remove(): Promise<void> {
    await rm(this.#path, { force: true });
  }

  async exists(): Promise<boolean> {
    return stat(this.#path).then(
      () => true,
      () => false,
    );
  }

  /** Runs `work` on a connection that finds the rows at `_sluice.loads`, and nothing else; a mark is there only where its target is. @returns undefined where there is no copy (any more) */
  async read<T>(
    work: (connection: DuckDBConnection) => Promise<T>,
  ): Promise<{ readonly result: T } | undefined> {
    const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
    try {
      const connection = await instance.connect();
      try {
        await connection.run(`SET TimeZone = 'UTC'`);
        await connection.run('CREATE SCHEMA _sluice');
        await connection.run(`CREATE TABLE _sluice.loads AS FROM read_parquet(${text(this.#path)})`);
        return { result: await work(connection) };
      } catch (error) {
        if (await this.exists()) throw error;
        return undefined;
      } finally {
        connection.closeSync();
      }
    } finally {
      instance.closeSync();
    }
  }
}

/** The loads, without the marks that nothing stands for any more: whoever reads the copy cannot look whether their rows are there. */
async function standing(connection: DuckDBConnection): Promise<string> {
  const marked = await rows(
    connection,
    `SELECT DISTINCT pipeline, table_name AS "table" FROM _sluice.loads WHERE mode IN (${GOING_ON}) AND high_water_mark IS NOT NULL`,
  );
  const shaken: string[] = [];
  for (const { pipeline, table } of marked) {
    if ((await footing(connection, String(pipeline), String(table))) === 'firm') continue;
    shaken.push(`(${text(String(pipeline))}, ${text(String(table))})`);
  }
  if (!shaken.length) return 'FROM _sluice.loads';
  return `SELECT * REPLACE (CASE WHEN (pipeline, table_name) NOT IN (${shaken.join(', ')}) THEN high_water_mark END AS high_water_mark) FROM _sluice.loads`;
}
