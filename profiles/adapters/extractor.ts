import { z } from 'zod';
import type { GlueExtractorOptions } from '../../connectors/extractor/glue/extractor.ts';
import type { ParquetVersion } from '../../connectors/duckdb/parquet-options.ts';
import type { Extractor } from '../../connectors/extractor/port.ts';
import type { Source } from '../../connectors/source/port.ts';
import { size, text } from '../fields.ts';
import { inS3, openS3Lake, type LakeSettings } from './lake.ts';

const glue = z.strictObject({
  type: z.literal('glue'),
  /** The name under which `spark/extract_jdbc.py` is deployed. */
  job: text,
  /** Of the secret that the job signs in with. */
  secretArn: text,
  /** Tables that it reads at the same time; absent: 4. */
  concurrency: z.exactOptional(size),
});

const rdsExport = z.strictObject({
  type: z.literal('rds-export'),
  /** Of the lake's bucket and of the database, which must be the same. */
  region: text,
  /** Tables that the database exports at the same time; absent: 2. */
  concurrency: z.exactOptional(size),
});

const extractor = z.discriminatedUnion('type', [glue, rdsExport]);
type ExtractorSettings = z.infer<typeof extractor>;
type Settings<Type extends ExtractorSettings['type']> = Extract<ExtractorSettings, { type: Type }>;

/** Types of connections that each extractor can read. */
const READS: Readonly<Record<ExtractorSettings['type'], readonly string[]>> = {
  glue: ['postgres'],
  'rds-export': ['postgres'],
};

/** What reads all tables of a run at once, elsewhere, from a connection of that type; absent: the worker reads them one by one. */
export function extractorOf(connection: string) {
  return extractor
    .superRefine(({ type }, context) => {
      if (READS[type].includes(connection)) return;
      context.addIssue(
        `an extractor of type ${type} reads ${READS[type].join(', ')}, not ${connection}; take it out, and the worker reads the tables itself`,
      );
    })
    .optional();
}

/** What the job is told to read; its password is in the secret. */
export type ReadByJob = GlueExtractorOptions['source'] & {
  readonly ssl?: GlueExtractorOptions['ssl'] | undefined;
  readonly timezone?: string | undefined;
};

export async function openGlueExtractor(
  { job, secretArn, concurrency }: Settings<'glue'>,
  source: ReadByJob,
  lake: LakeSettings,
): Promise<Extractor> {
  const { GlueExtractor } = await import('../../connectors/extractor/glue/extractor.ts');
  const { Glue } = await import('../../connectors/jobs/glue/jobs.ts');
  const { timezone, ssl, ...database } = source;
  return new GlueExtractor({
    jobs: new Glue(),
    job,
    lake: await openS3Lake(inS3(lake, 'an extractor of type glue')),
    source: database,
    secretArn,
    ...(ssl && { ssl }),
    ...(timezone === undefined ? {} : { timezone }),
    ...(concurrency === undefined ? {} : { concurrency }),
  });
}

/** @param source the connection's own */
export async function openRdsExport(
  { region, concurrency }: Settings<'rds-export'>,
  { exports }: Source,
  lake: LakeSettings,
  parquetVersion: ParquetVersion,
): Promise<Extractor> {
  if (!exports) throw new TypeError('no source of this type exports');
  const { RdsExportExtractor } = await import('../../connectors/extractor/rds-export/extractor.ts');
  return new RdsExportExtractor({
    exports,
    lake: await openS3Lake(inS3(lake, 'an extractor of type rds-export')),
    region,
    parquetVersion,
    ...(concurrency === undefined ? {} : { concurrency }),
  });
}
