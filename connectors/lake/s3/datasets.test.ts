import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateBucketCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { s3ServerProgram, startS3Server, type S3Server } from '../../../aws-local/s3/server.ts';
import { howToGet } from '../../../aws-local/services/tools.ts';
import { s3Client } from '../../aws/s3-client.ts';
import { datasetsConform } from '../conformance/datasets.ts';
import { S3Lake } from './lake.ts';

const missing = s3ServerProgram() ? undefined : howToGet('versitygw');
if (missing) describe.skip(`datasets of S3Lake NOT TESTED: ${missing}`, () => it('conform', () => undefined));
else testOverS3();

function testOverS3(): void {
  let server: S3Server;
  let folder: string;
  let buckets = 0;
  const keys = { accessKeyId: 'key', secretAccessKey: 'secret-key' };
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 's3-datasets-'));
    server = await startS3Server({ folder, ...keys });
  });
  afterAll(async () => {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  });

  datasetsConform('S3Lake', async () => {
    const { endpoint, objects } = server;
    const client = s3Client({ endpoint, region: 'eu-central-1', pathStyle: true, credentials: keys });
    const bucket = `lake-${(buckets += 1)}`;
    await client.send(new CreateBucketCommand({ Bucket: bucket }));
    return {
      lake: new S3Lake({ client, bucket, prefix: 'team/lake' }),
      root: join(objects, bucket, 'team', 'lake'),
      local: (uri) => join(objects, uri.replace('s3://', '')),
      end: () => Promise.resolve(client.destroy()),
    };
  });
}
