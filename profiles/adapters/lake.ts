import { z } from 'zod';
import type { S3ClientOptions } from '../../connectors/aws/s3-client.ts';
import type { Files } from '../../connectors/files/port.ts';
import type { Lake } from '../../connectors/lake/port.ts';
import type { S3Lake } from '../../connectors/lake/s3/lake.ts';
import { isDuration, milliseconds, type DurationText } from '../../core/duration.ts';
import { TerminalError } from '../../core/errors.ts';
import { flag, text } from '../fields.ts';

const duration = z.custom<DurationText>(
  (value) => typeof value === 'string' && isDuration(value),
  "must be a duration like '1 day'",
);

/** When loads that nobody needs any more are removed, and how old they must be; `off`: only by `sluice lake gc`. */
const gc = z
  .union([
    z.literal('off'),
    z.strictObject({
      every: duration.default('1 day'),
      olderThan: duration
        .refine(
          (value) => milliseconds(value) >= milliseconds('1 day'),
          "must be '1 day' or more: a load that has only just been made may still be wanted",
        )
        .default('7 days'),
    }),
  ])
  .prefault({});

const s3 = z.strictObject({
  type: z.literal('s3'),
  bucket: text,
  prefix: z.string().default(''),
  /** `http://host/bucket/key`: for S3 servers without a name per bucket. */
  pathStyle: flag,
  gc,
});

export const lake = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('folder'), path: text, gc }),
  s3,
]);
export type LakeSettings = z.infer<typeof lake>;
type S3Settings = z.infer<typeof s3>;

export async function openLake(settings: LakeSettings): Promise<Lake> {
  if (settings.type === 's3') return openS3Lake(settings);
  const { FileSystemLake } = await import('../../connectors/lake/folder/lake.ts');
  return new FileSystemLake({ root: settings.path });
}

/** Region, credentials and endpoints are found by the SDK: AWS_REGION, the role, AWS_ENDPOINT_URL_<SERVICE>. */
export async function openS3Lake({ bucket, prefix, pathStyle }: S3Settings): Promise<S3Lake> {
  const { S3Lake } = await import('../../connectors/lake/s3/lake.ts');
  return new S3Lake({ client: await s3Of({ pathStyle }), bucket, prefix });
}

/** Names without a place are the lake's. */
export async function openFiles(settings: LakeSettings): Promise<Files> {
  const { FoundFiles } = await import('../../connectors/files/find.ts');
  if (settings.type === 'folder') return new FoundFiles({ lake: settings.path, s3: s3Of });
  const { bucket, prefix, pathStyle } = settings;
  return new FoundFiles({ lake: `s3://${bucket}/${prefix}`, s3: () => s3Of({ pathStyle }) });
}

export async function s3Of(options: S3ClientOptions = {}) {
  return (await import('../../connectors/aws/s3-client.ts')).s3Client(options);
}

/** The lake of what takes its files from S3 alone. @throws {TerminalError} when it is a folder */
export function inS3(settings: LakeSettings, who: string): S3Settings {
  if (settings.type === 's3') return settings;
  throw new TerminalError(
    `The profile has ${who}, which reads files from S3, but its lake is a folder. Make it 'type: s3'.`,
  );
}
