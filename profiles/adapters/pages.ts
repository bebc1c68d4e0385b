import { z } from 'zod';
import type { Pages } from '../../connectors/pages/port.ts';
import { flag, text } from '../fields.ts';
import { s3Of } from './lake.ts';

/** Where dashboards are published. */
export const pagesPlace = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('folder'), path: text }),
  z.strictObject({
    type: z.literal('s3'),
    bucket: text,
    prefix: z
      .string()
      .regex(/^([^/].*\/)?$/, 'must end with a slash, or be empty')
      .default('pages/'),
    pathStyle: flag,
  }),
]);

export async function openPages(place: z.infer<typeof pagesPlace>): Promise<Pages> {
  const { Site } = await import('../../connectors/pages/site/site.tsx');
  if (place.type === 's3') {
    const { S3Place } = await import('../../connectors/pages/s3.ts');
    const { bucket, prefix, pathStyle } = place;
    return new Site(new S3Place({ client: await s3Of({ pathStyle }), bucket, prefix }));
  }
  const { FolderPlace } = await import('../../connectors/pages/folder.ts');
  return new Site(new FolderPlace(place.path));
}
