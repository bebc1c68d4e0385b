import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateBucketCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { s3ServerProgram, startS3Server, type S3Server } from '../../../aws-local/s3/server.ts';
import { startFaultProxy, type FaultProxy } from '../../../aws-local/services/faults.ts';
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

  const open = async (endpoint = server.endpoint) => {
    const client = s3Client({ endpoint, region: 'eu-central-1', pathStyle: true, credentials: keys });
    const bucket = `lake-${(buckets += 1)}`;
    await client.send(new CreateBucketCommand({ Bucket: bucket }));
    return {
      lake: new S3Lake({ client, bucket, prefix: 'team/lake' }),
      root: join(server.objects, bucket, 'team', 'lake'),
      local: (uri: string) => join(server.objects, uri.replace('s3://', '')),
      end: () => Promise.resolve(client.destroy()),
    };
  };

  datasetsConform('S3Lake', () => open());

  describe('an attempt at datasets in S3 that is lost after its work', () => {
    const NAME = 'silver.orders';
    const run = '00000000-0000-4000-8000-000000000001';
    const place = { pipeline: 'shop', task: 'silver', run };
    const made = { [NAME]: { inputs: {}, revision: 1, partitionedBy: [] } };
    let proxy: FaultProxy;
    let harness: Awaited<ReturnType<typeof open>>;
    beforeAll(async () => {
      proxy = await startFaultProxy(server.endpoint);
      harness = await open(proxy.endpoint);
    });
    afterAll(async () => {
      await harness.end();
      await proxy.stop();
    });
    const attempt = (number: number, work: string) =>
      harness.lake.datasets.open(
        place,
        `${run}-1700000000000-${number}`,
        [NAME],
        undefined,
        `${run}-${work}`,
      );
    const done = async (uri = '') => {
      await mkdir(harness.local(uri), { recursive: true });
      const text = JSON.stringify({ columns: [{ name: 'id', type: 'int' }], replaces: 'all' });
      await writeFile(join(harness.local(uri), '_dataset.json'), text);
    };
    const breaks = (isWhat: (url: string, method: string) => boolean, times: number) =>
      proxy.strike({
        where: ({ url = '', method = '' }) => isWhat(url, method),
        fault: { status: 503, body: '<Error><Code>ServiceUnavailable</Code></Error>' },
        times,
      });

    it('leaves what the job has made to the attempt that joins its work, and to no other', async () => {
      const first = await attempt(1, 'same');
      await done(first.uris[NAME]);
      breaks((url, method) => method === 'GET' && url.includes('_dataset.json'), 100);
      await expect(first.publish(made)).rejects.toThrow(/slow down/);
      proxy.heal();
      await first.abort();
      const other = await attempt(2, 'other');
      await expect(other.publish(made)).rejects.toThrow(/no _dataset\.json/);

      const second = await attempt(3, 'same');
      expect(second.uris).toEqual(first.uris);
      // Whether it stands cannot be known.
      breaks((url) => url.includes('/datasets/'), 100);
      await expect(second.publish(made)).rejects.toThrow(/slow down/);
      proxy.heal();
      await second.abort();
      expect(await (await attempt(4, 'same')).publish(made)).toMatchObject({ number: 1 });
    });

    it('takes away what is left of work that has failed', async () => {
      const given = await attempt(5, 'given-up');
      await done(given.uris[NAME]);
      await given.abort();
      await expect((await attempt(6, 'given-up')).publish(made)).rejects.toThrow(/no _dataset\.json/);
    });
  });
}
