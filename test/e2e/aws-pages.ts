import { ListObjectsV2Command } from '@aws-sdk/client-s3';
import { expect } from 'vitest';
import { s3Client } from '../../connectors/aws/s3-client.ts';
import { dashboards } from '../../dashboards/index.ts';
import { verifyDashboard } from '../../operations/verify-dashboard.ts';
import { openPages, openWarehouse } from '../../profiles/open.ts';
import type { TestStack } from './stack.ts';

/** Holds what runs of a pipeline have published in the bucket against Redshift, each dashboard of it. */
export async function expectPagesOf(stack: TestStack, pipeline: string): Promise<void> {
  const { profile } = stack.session;
  const pages = await openPages(profile);
  if (!pages || profile.dashboards?.type !== 's3') throw new Error('the profile names no place in a bucket');
  const { bucket, prefix } = profile.dashboards;
  const s3 = s3Client({ pathStyle: true });
  const warehouse = await openWarehouse(profile);
  const names = [...dashboards.values()].filter((each) => each.pipeline === pipeline).map(({ name }) => name);
  expect(names).not.toEqual([]);
  try {
    for (const name of names) {
      const { problems, withheld, numbers } = await verifyDashboard(pages, warehouse, name);
      expect([name, problems, withheld]).toEqual([name, [], []]);
      expect(numbers, name).toBeGreaterThan(20);
      const { Contents = [] } = await s3.send(
        new ListObjectsV2Command({ Bucket: bucket, Prefix: `${prefix}${name}/` }),
      );
      const keys = Contents.map(({ Key }) => Key);
      expect(keys).toContain(`${prefix}${name}/index.html`);
    }
  } finally {
    await warehouse.close();
    s3.destroy();
  }
}
