import type { z } from 'zod';
import type { Source } from '../../connectors/source/port.ts';
import { databaseOptions, databaseSource, type SourcePlace } from './source.ts';

/** MySQL or MariaDB. */
export const mysql = databaseSource('mysql', 3306);

export async function openMysql(settings: z.infer<typeof mysql>, place: SourcePlace): Promise<Source> {
  const { MysqlSource } = await import('../../connectors/source/mysql/source.ts');
  return new MysqlSource(databaseOptions(settings, place, 'mysql_scanner'));
}
