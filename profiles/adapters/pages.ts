import { z } from 'zod';
import type { Pages } from '../../connectors/pages/port.ts';
import { duration, milliseconds } from '../../core/duration.ts';
import { KEPT } from '../../core/dashboards/kept.ts';
import { flag, text } from '../fields.ts';
import { s3Of } from './lake.ts';

/** How long publications stay, counted back from the newest: every one, then the last of each day. */
const keep = z
  .strictObject({ every: duration.default(KEPT.every), daily: duration.default(KEPT.daily) })
  .refine(
    ({ every, daily }) => milliseconds(every) <= milliseconds(daily),
    "'daily' must be as long as 'every', or longer",
  )
  .prefault({});

/** Where dashboards are published. */
export const pagesPlace = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('folder'), path: text, keep }),
  z.strictObject({
    type: z.literal('s3'),
    bucket: text,
    prefix: z
      .string()
      .regex(/^([^/].*\/)?$/, 'must end with a slash, or be empty')
      .default('pages/'),
    pathStyle: flag,
    keep,
  }),
]);

export async function openPages(place: z.infer<typeof pagesPlace>): Promise<Pages> {
  const { Site } = await import('../../connectors/pages/site/site.tsx');
  if (place.type === 's3') {
    const { S3Place } = await import('../../connectors/pages/s3.ts');
    const { bucket, prefix, pathStyle } = place;
    return new Site(new S3Place({ client: await s3Of({ pathStyle }), bucket, prefix }), place.keep);
  }
  const { FolderPlace } = await import('../../connectors/pages/folder.ts');
  return new Site(new FolderPlace(place.path), place.keep);
}
