import { join } from 'node:path';
import { z } from 'zod';
import type { SparkRunner } from '../../connectors/jobs/port.ts';
import { RESULT_LIMIT } from '../../core/tasks.ts';
import { text } from '../fields.ts';
import { PROJECT } from '../project.ts';
import { inS3, s3Of, type LakeSettings } from './lake.ts';

const local = z.strictObject({
  type: z.literal('local'),
  /** The Python environment that has pyspark. */
  python: text,
  /** Takes jars beside Spark's own: of databases, Delta, S3. */
  jars: z.exactOptional(text),
  /** Of Java; absent: as JAVA_HOME or PATH say. */
  java: z.exactOptional(text),
  memory: z
    .string()
    .regex(/^\d+[mg]$/, "must be an amount of memory as Spark has it, like '2g'")
    .default('2g'),
  /** Settings of Spark. */
  conf: z.record(z.string(), z.string()).default({}),
});

/** Jobs that are deployed on AWS Glue, called `<prefix><name>`; the lake must be in S3. */
const glue = z.strictObject({ type: z.literal('glue'), prefix: z.string().default('') });

/** What runs Spark jobs of tasks. */
export const spark = z.discriminatedUnion('type', [local, glue]);

export async function openSpark(settings: z.infer<typeof spark>, lake: LakeSettings): Promise<SparkRunner> {
  if (settings.type === 'local') {
    const { LocalSpark } = await import('../../connectors/jobs/spark-local/spark.ts');
    return new LocalSpark({
      ...settings,
      folder: join(PROJECT, 'spark', 'jobs'),
      outputLimit: RESULT_LIMIT,
    });
  }
  const { Exchange } = await import('../../connectors/jobs/exchange.ts');
  const { Glue } = await import('../../connectors/jobs/glue/jobs.ts');
  const { GlueSpark } = await import('../../connectors/jobs/glue/spark.ts');
  const { bucket, prefix, pathStyle } = inS3(lake, 'Spark jobs of type glue');
  return new GlueSpark({
    jobs: new Glue({ takesEnded: true }),
    exchange: new Exchange(await s3Of({ pathStyle }), bucket, prefix),
    prefix: settings.prefix,
    outputLimit: RESULT_LIMIT,
  });
}
