import { z } from 'zod';
import type { GlueExtractorOptions } from '../../connectors/extractor/glue/extractor.ts';
import type { Extractor } from '../../connectors/extractor/port.ts';
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

const extractor = z.discriminatedUnion('type', [glue]);
export type ExtractorSettings = z.infer<typeof extractor>;

/** Types of connections that each extractor can read. */
const READS: Readonly<Record<ExtractorSettings['type'], readonly string[]>> = { glue: ['postgres'] };

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

export async function openExtractor(
  { job, secretArn, concurrency }: ExtractorSettings,
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
