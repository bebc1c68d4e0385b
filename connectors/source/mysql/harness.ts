import { join } from 'node:path';
import { testMysql, type TestMysql } from '../../../test/setup/mysql.ts';
import { findExtension } from '../../duckdb/extension.ts';
import type { SourceHarness } from '../conformance/suite.ts';
import { MysqlSource, type MysqlSourceOptions } from './source.ts';

export interface MysqlHarness extends SourceHarness {
  readonly source: MysqlSource;
  readonly options: MysqlSourceOptions;
  readonly sql: TestMysql['sql'];
  readonly session: TestMysql['session'];
}

/** A source over an empty database of its own. Its user may see transactions in flight. */
export async function openMysql(): Promise<MysqlHarness> {
  const database = await testMysql('source');
  const { address, sql } = database;
  const user = `reader_${address.database.slice(-12)}`;
  await sql(
    `CREATE USER ${user}@'%' IDENTIFIED BY 'read''er'; GRANT SELECT ON ${address.database}.* TO ${user}@'%'; GRANT PROCESS ON *.* TO ${user}@'%'`,
  );
  const extensionFile = findExtension('mysql_scanner', { pythonHome: join(process.cwd(), '.tools/python') });
  const options = {
    name: 'test',
    ...address,
    user,
    password: `read'er`,
    ...(extensionFile !== undefined && { extensionFile }),
    parquetVersion: 'V2' as const,
  };
  const source = new MysqlSource(options);
  return {
    source,
    options,
    sql,
    session: (as) => database.session(as),
    sessions: async () => {
      const [row] = await sql(
        `SELECT COUNT(*) AS open FROM information_schema.PROCESSLIST WHERE USER = '${user}'`,
      );
      return Number(row?.['open']);
    },
    datetime: 'datetime(6)',
    slow: (seconds) => `sleep(${seconds} + 0 * id)`,
    close: async () => {
      await source.close();
      await sql(`DROP USER ${user}@'%'`);
      await database.close();
    },
  };
}
