import { join } from 'node:path';
import type { Client } from 'pg';
import { testDatabase, type TestDatabase } from '../../../test/setup/database.ts';
import { findExtension } from '../../duckdb/extension.ts';
import type { SourceHarness } from '../conformance/suite.ts';
import { PostgresSource, type PostgresSourceOptions } from './source.ts';

export interface PostgresHarness extends SourceHarness {
  readonly source: PostgresSource;
  readonly options: PostgresSourceOptions;
  readonly sql: (statement: string, values?: unknown[]) => Promise<Record<string, unknown>[]>;
  /** Another session, ended with the harness. */
  readonly session: TestDatabase['session'];
}

/** A source over an empty database of its own. */
export async function openPostgres(): Promise<PostgresHarness> {
  const database = await testDatabase('source');
  const extensionFile = findExtension('postgres_scanner', {
    pythonHome: join(process.cwd(), '.tools/python'),
  });
  const options = {
    name: 'test',
    ...database.address,
    ...(extensionFile !== undefined && { extensionFile }),
    parquetVersion: 'V2' as const,
  };
  const source = new PostgresSource(options);
  const rowsOf = async (client: Client, statement: string, values?: unknown[]) =>
    (await client.query<Record<string, unknown>>(statement, values)).rows;
  return {
    source,
    options,
    session: (as) => database.session(as),
    sql: (statement, values) => rowsOf(database.client, statement, values),
    sessions: async () => {
      const [row] = await rowsOf(
        database.client,
        `SELECT count(*)::int AS open FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'sluice'`,
      );
      return Number(row?.['open']);
    },
    datetime: 'timestamp(6)',
    slow: (seconds) => `pg_sleep(${seconds})::text`,
    close: async () => {
      await source.close();
      await database.close();
    },
  };
}
