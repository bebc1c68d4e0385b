import { z } from 'zod';
import { findExtension, type ExtensionName } from '../../connectors/duckdb/extension.ts';
import type { ParquetVersion } from '../../connectors/duckdb/parquet-options.ts';
import { isZone } from '../../core/zone.ts';
import { database, port, size, text } from '../fields.ts';
import { extractorOf } from './extractor.ts';

/** What a connection is opened with beside its own settings. */
export interface SourcePlace {
  /** The connection's name in the profile. */
  readonly name: string;
  /** The Python environment that has DuckDB's extensions. */
  readonly pythonHome: string;
  /** As the warehouse reads it. */
  readonly parquetVersion: ParquetVersion;
}

/** The settings that every database has that tables are read from. */
export function databaseSource<Type extends string>(type: Type, usualPort: number) {
  return z.strictObject({
    type: z.literal(type),
    ...database,
    port: port.default(usualPort),
    /** The zone of times without zone and of dates, where a table names none; UTC when absent. */
    timezone: z.exactOptional(text.refine(isZone, 'must be an IANA zone such as Europe/Rome')),
    /** Tables of it that all runs together read at the same time; absent: as many as they will. */
    maxConcurrent: z.exactOptional(size),
    extractor: extractorOf(type),
  });
}

type DatabaseSettings = z.infer<ReturnType<typeof databaseSource>>;

/** What the sources of all databases are opened with. */
export function databaseOptions(
  { host, port, database, user, password, ssl, timezone }: DatabaseSettings,
  { name, pythonHome, parquetVersion }: SourcePlace,
  extension: ExtensionName,
) {
  const extensionFile = findExtension(extension, { pythonHome });
  return {
    name,
    host,
    port,
    database,
    user,
    password,
    ...(ssl && { ssl }),
    ...(timezone !== undefined && { timezone }),
    ...(extensionFile && { extensionFile }),
    parquetVersion,
  };
}
