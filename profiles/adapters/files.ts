import { z } from 'zod';
import type { Source } from '../../connectors/source/port.ts';
import { isZone } from '../../core/zone.ts';
import { flag, size, text } from '../fields.ts';
import { s3Of } from './lake.ts';
import type { SourcePlace } from './source.ts';

/** Where files arrive. */
export const files = z.strictObject({
  type: z.literal('files'),
  /** A folder of the machine that the worker runs on, or `s3://bucket/prefix`. */
  root: text.regex(/^(?!s3:\/\/(\/|$))/, 'must name the bucket: s3://bucket/prefix'),
  /** `http://host/bucket/key`: for S3 servers without a name per bucket. */
  pathStyle: flag,
  /** The zone of moments that are written without one, where a table names none. */
  timezone: z.exactOptional(text.refine(isZone, 'must be an IANA zone such as Europe/Rome')),
  /** Tables of it that all runs together read at the same time; absent: as many as they will. */
  maxConcurrent: z.exactOptional(size),
});

export async function openFilesSource(
  { root, pathStyle, timezone }: z.infer<typeof files>,
  { name, parquetVersion }: Pick<SourcePlace, 'name' | 'parquetVersion'>,
): Promise<Source> {
  const { FilesSource } = await import('../../connectors/source/files/source.ts');
  return new FilesSource({
    name,
    root,
    s3: () => s3Of({ pathStyle }),
    ...(timezone !== undefined && { timezone }),
    parquetVersion,
  });
}
