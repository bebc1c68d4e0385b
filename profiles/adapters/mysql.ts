import { z } from 'zod';
import type { Source } from '../../connectors/source/port.ts';
import { text } from '../fields.ts';
import { databaseOptions, databaseSource, type SourcePlace } from './source.ts';

/** MySQL or MariaDB. */
export const mysql = databaseSource('mysql', 3306).extend({
  /** Said beside the failure where the server or a table is not there: what fills it. */
  hint: z.exactOptional(text),
  /** Why nothing is to be waited for: whoever starts the server has started none. Empty: it is there. */
  absent: z.exactOptional(z.string()),
});

export async function openMysql(settings: z.infer<typeof mysql>, place: SourcePlace): Promise<Source> {
  const { MysqlSource } = await import('../../connectors/source/mysql/source.ts');
  return new MysqlSource({
    ...databaseOptions(settings, place, 'mysql_scanner'),
    ...(settings.hint !== undefined && { hint: settings.hint }),
    ...(settings.absent && { absent: settings.absent }),
  });
}
