import { mkdtemp, readdir, rm, stat, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateBucketCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { s3ServerProgram, startS3Server, type S3Server } from '../../../aws-local/s3/server.ts';
import { howToGet } from '../../../aws-local/services/tools.ts';
import { s3Client } from '../../aws/s3-client.ts';
import { moveFiles } from '../conformance/fixtures.ts';
import { lakeConforms } from '../conformance/suite.ts';
import { Bucket } from './bucket.ts';
import { S3Lake } from './lake.ts';

const missing = s3ServerProgram() ? undefined : howToGet('versitygw');
if (missing) describe.skip(`S3Lake NOT TESTED: ${missing}`, () => it('conforms', () => undefined));
else testOverS3();

function testOverS3(): void {
  let server: S3Server;
  let folder: string;
  let buckets = 0;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 's3-lake-'));
    server = await startS3Server({ folder, accessKeyId: 'key', secretAccessKey: 'secret-key' });
  });
  afterAll(async () => {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  });

  lakeConforms('S3Lake', async () => {
    const client = s3Client({
      endpoint: server.endpoint,
      region: 'eu-central-1',
      pathStyle: true,
      credentials: { accessKeyId: 'key', secretAccessKey: 'secret-key' },
    });
    const name = `lake-${(buckets += 1)}`;
    await client.send(new CreateBucketCommand({ Bucket: name }));
    const bucket = new Bucket(client, name);
    const scratch = join(folder, `scratch-${buckets}`);
    const key = (uri: string) => uri.replace(`s3://${name}/`, '');
    return {
      lake: new S3Lake({ client, bucket: name, prefix: 'team/lake', scratch }),
      names: async () => {
        const names: string[] = [];
        for await (const object of bucket.list('')) names.push(object.key.replace('team/lake/', ''));
        return names.sort();
      },
      read: async (uri) => (await bucket.bytes(key(uri))) ?? Buffer.alloc(0),
      overwrite: async (uri, text) => {
        await client.send(new PutObjectCommand({ Bucket: name, Key: key(uri), Body: text }));
      },
      age: async (ms) => {
        const root = join(server.objects, name);
        for (const path of await readdir(root, { recursive: true })) {
          const then = new Date((await stat(join(root, path))).mtimeMs - ms);
          await utimes(join(root, path), then, then);
        }
      },
      move: (from, to) => {
        const root = join(server.objects, name, 'team/lake');
        return moveFiles(join(root, from), join(root, to));
      },
      end: () => Promise.resolve(client.destroy()),
    };
  });
}
