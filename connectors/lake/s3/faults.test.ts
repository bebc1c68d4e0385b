import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateBucketCommand, CreateMultipartUploadCommand, type S3Client } from '@aws-sdk/client-s3';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { s3ServerProgram, startS3Server, type S3Server } from '../../../aws-local/s3/server.ts';
import { startFaultProxy, type Fault, type FaultProxy } from '../../../aws-local/services/faults.ts';
import { howToGet } from '../../../aws-local/services/tools.ts';
import { s3Client } from '../../aws/s3-client.ts';
import { aDraft, NOBODYS, ORDERS, writeRows } from '../conformance/fixtures.ts';
import type { OpenLoad } from '../port.ts';
import { Bucket } from './bucket.ts';
import { S3Lake } from './lake.ts';

const missing = s3ServerProgram() ? undefined : howToGet('versitygw');
if (missing) describe.skip(`S3Lake under faults NOT TESTED: ${missing}`, () => it('holds', () => undefined));
else describe('S3Lake under faults', { timeout: 60_000 }, underFaults);

const isPart = ({ url = '' }: IncomingMessage) => url.includes('partNumber=');
const isComplete = ({ method, url = '' }: IncomingMessage) => method === 'POST' && /[?&]uploadId=/.test(url);
const isManifest = ({ method, url = '' }: IncomingMessage) =>
  method === 'PUT' && url.includes('_manifest.json');
const xml = (status: number, code: string, message = 'said S3'): Fault => ({
  status,
  body: `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>${message}</Message></Error>`,
});
const FOREVER = 1_000;
/** Random doubles do not compress: 2.5 million make three parts of 8 MiB. */
const BIG_ROWS = 2_500_000;

function underFaults(): void {
  let server: S3Server;
  let proxy: FaultProxy;
  let folder: string;
  let client: S3Client;
  let bucket: Bucket;
  let lake: S3Lake;
  let buckets = 0;
  const clientOf = (region = 'eu-central-1', secretAccessKey = 'secret-key') =>
    s3Client({
      endpoint: proxy.endpoint,
      region,
      pathStyle: true,
      credentials: { accessKeyId: 'key', secretAccessKey },
    });

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 's3-faults-'));
    server = await startS3Server({ folder, accessKeyId: 'key', secretAccessKey: 'secret-key' });
    proxy = await startFaultProxy(server.endpoint);
    client = clientOf();
  });
  afterAll(async () => {
    client.destroy();
    await proxy.stop();
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  });
  beforeEach(async () => {
    const name = `faults-${(buckets += 1)}`;
    await client.send(new CreateBucketCommand({ Bucket: name }));
    bucket = new Bucket(client, name);
    lake = new S3Lake({ client, bucket: name, scratch: join(folder, 'scratch') });
  });
  afterEach(() => proxy.heal());

  const names = async () => {
    const found: string[] = [];
    for await (const { key } of bucket.list('')) found.push(key.slice(key.lastIndexOf('/') + 1));
    return found.sort();
  };
  const uploads = async () => (await bucket.uploads('')).uploads.length;
  const openBig = async (): Promise<OpenLoad> => {
    const open = await lake.open(ORDERS);
    const instance = await DuckDBInstance.create(':memory:');
    const connection = await instance.connect();
    await connection.run(
      `COPY (SELECT random() AS id FROM range(${BIG_ROWS})) TO '${join(open.directory, 'part-0.parquet')}' (FORMAT parquet)`,
    );
    connection.closeSync();
    instance.closeSync();
    return open;
  };
  const bigDraft = aDraft({ files: [{ path: 'part-0.parquet', rows: BIG_ROWS }] });

  for (const [what, fault, where] of [
    ['a part that S3 asks to send later', xml(503, 'SlowDown'), isPart],
    ['a connection that breaks in the middle of a part', 'cut the request', isPart],
    ['an answer to a part that is lost', 'lose the answer', isPart],
    ['an answer to the manifest that is lost', 'lose the answer', isManifest],
  ] as const) {
    it(`gets over ${what}`, async () => {
      const open = await openBig();
      proxy.strike({ where, fault });
      const before = proxy.struck;
      const { manifestUri, manifest } = await open.commit(bigDraft);
      expect(proxy.struck).toBe(before + 1);
      expect(await lake.readManifest(manifestUri)).toEqual(manifest);
      expect(
        await bucket.size(
          `${manifestUri.slice(`s3://${bucket.name}/`.length, -'_manifest.json'.length)}part-0.parquet`,
        ),
      ).toBe(manifest.bytes);
      expect(await uploads()).toBe(0);
      expect(await readdir(join(folder, 'scratch'))).toEqual([]);
    });
  }

  for (const [what, fault, where, message] of [
    ['S3 asks to slow down for good', xml(503, 'SlowDown'), isPart, /asks to slow down/],
    ['every part breaks', 'cut the request', isPart, /could not be reached or failed/],
    [
      'Complete answers 200 with an error',
      xml(200, 'InternalError', 'We encountered an internal error'),
      isComplete,
      /InternalError|internal error/,
    ],
    [
      'the credentials expire',
      xml(400, 'ExpiredToken', 'The provided token has expired.'),
      isPart,
      /credentials have expired/,
    ],
  ] as const) {
    it(`calls it transient when ${what}; abort leaves nothing, no unfinished upload either`, async () => {
      const open = await openBig();
      proxy.strike({ where, fault, times: FOREVER });
      const failure: unknown = await open.commit(bigDraft).catch((error: unknown) => error);
      expect(failure).toMatchObject({
        name: 'Unreachable',
        message: expect.stringMatching(message) as string,
      });
      expect(String(failure)).toContain(`s3://${bucket.name}/bronze/shop/orders/`);
      proxy.heal();
      expect(await names()).not.toContain('_manifest.json');
      await open.abort();
      expect(await names()).toEqual([]);
      expect(await uploads()).toBe(0);
    });
  }

  for (const [what, start, message] of [
    [
      'a bucket that is not there',
      () => new S3Lake({ client, bucket: 'nowhere' }),
      /no bucket 'nowhere'\. Create it/,
    ],
    [
      'another region',
      () => new S3Lake({ client: clientOf('us-east-1'), bucket: bucket.name }),
      /in another region.*eu-central-1/,
    ],
    [
      'a wrong key',
      () => new S3Lake({ client: clientOf(undefined, 'wrong'), bucket: bucket.name }),
      /does not know the credentials/,
    ],
  ] as const) {
    it(`names ${what} and the next step`, async () => {
      await expect(start().open(ORDERS)).rejects.toMatchObject({
        name: 'TerminalError',
        message: expect.stringMatching(message) as string,
      });
    });
  }

  it('names the bucket and the permissions when access is denied', async () => {
    proxy.strike({ where: () => true, fault: xml(403, 'AccessDenied', 'Access Denied') });
    await expect(lake.open(ORDERS)).rejects.toMatchObject({
      name: 'TerminalError',
      message: expect.stringMatching(/denied.*s3:PutObject/) as string,
    });
  });

  it('ends uploads that a killed writer left, and lists past a page', async () => {
    const place = 'bronze/shop/orders/year=2018/month=08/day=01/load=l0';
    const onDisk = join(server.objects, bucket.name, place); // written beside the server: a thousand requests take long
    await mkdir(onDisk, { recursive: true });
    for (let at = 0; at < 1_003; at++) await writeFile(join(onDisk, `part-${at}.parquet`), 'x');
    await client.send(
      new CreateMultipartUploadCommand({ Bucket: bucket.name, Key: `${place}/part-0.parquet` }),
    );
    expect(await uploads()).toBe(1);
    const report = await lake.gc({ olderThanMs: -60_000, ...NOBODYS, dryRun: false });
    expect(report).toMatchObject({ removedLoads: 1, removedFiles: 1_003 });
    expect(await names()).toEqual([]);
    expect(await uploads()).toBe(0);
  });

  it('removes scratch folders of processes that are no more', async () => {
    const left = await mkdtemp(join(folder, 'scratch', '999999999-'));
    await writeFile(join(left, 'part-0.parquet'), 'x');
    const open = await lake.open(ORDERS);
    await writeRows(join(open.directory, 'part-0.parquet'), 3);
    expect(await readdir(join(folder, 'scratch'))).toHaveLength(1);
    await open.abort();
  });
}
