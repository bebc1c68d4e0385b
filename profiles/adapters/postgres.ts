import type { z } from 'zod';
import type { PostgresSourceOptions } from '../../connectors/source/postgres/source.ts';
import type { Source } from '../../connectors/source/port.ts';
import { text } from '../fields.ts';
import { projectName } from '../project.ts';
import type { ReadByJob } from './extractor.ts';
import { databaseOptions, databaseSource, type SourcePlace } from './source.ts';

export const postgres = databaseSource('postgres', 5432).extend({ schema: text.default('public') });
type PostgresSettings = z.infer<typeof postgres>;

export async function openPostgres(settings: PostgresSettings, place: SourcePlace): Promise<Source> {
  const { PostgresSource } = await import('../../connectors/source/postgres/source.ts');
  return new PostgresSource(postgresOptions(settings, place));
}

export function postgresOptions(settings: PostgresSettings, place: SourcePlace): PostgresSourceOptions {
  const { schema } = settings;
  return { ...databaseOptions(settings, place, 'postgres_scanner'), project: projectName(), schema };
}

/** What a job is told that reads it. */
export function postgresByJdbc({ host, port, database, schema, ssl, timezone }: PostgresSettings): ReadByJob {
  return { host, port, database, schema, ssl, timezone };
}
