import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { CreateBucketCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { s3ServerProgram, startS3Server, type S3Server } from '../../aws-local/s3/server.ts';
import { s3Client } from '../aws/s3-client.ts';
import { FoundFiles } from './find.ts';

const NAMES = [
  'in/2024-03-01/a.csv',
  'in/2024-03-02/b.csv',
  'in/2024-03-02/a+b(1).csv',
  'in/2024-03-02/a.csv.part',
  'in/2024-03-02/deep/c.csv',
];
const CASES: readonly (readonly [pattern: string, found: readonly string[]])[] = [
  ['in/2024-03-02/*.csv', ['in/2024-03-02/a+b(1).csv', 'in/2024-03-02/b.csv']],
  ['in/2024-03-02/', ['in/2024-03-02/a+b(1).csv', 'in/2024-03-02/a.csv.part', 'in/2024-03-02/b.csv']],
  ['in/*/a.csv', ['in/2024-03-01/a.csv']],
  ['in/2024-03-02/a+b(1).csv', ['in/2024-03-02/a+b(1).csv']],
  ['in/2024-03-02/deep', []],
  ['nowhere/*.csv', []],
];
const { signal } = new AbortController();
const noS3 = () => Promise.reject(new Error('no S3'));

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'files-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const put = (path: string, secondsAgo: number) => {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, 'x');
  const at = new Date(Date.now() - secondsAgo * 1000);
  utimesSync(path, at, at);
};

describe('files of a folder', () => {
  it.each(CASES)('are found by %s', async (pattern, found) => {
    for (const name of NAMES) put(join(folder, 'lake', name), 60);
    const files = new FoundFiles({ lake: join(folder, 'lake'), s3: noS3 });
    const paths = found.map((name) => join(folder, 'lake', name));
    expect(await files.find(pattern, signal)).toEqual(paths);
    expect(await files.find(`${folder}/lake/${pattern}`, signal)).toEqual(paths);
  });

  it('count only when they have been left alone', async () => {
    put(join(folder, 'new', 'growing.csv'), 0);
    const files = new FoundFiles({ lake: folder, s3: noS3 });
    expect(await files.find('new/*', signal)).toEqual([]);
    put(join(folder, 'new', 'growing.csv'), 6);
    expect(await files.find('new/*', signal)).toHaveLength(1);
  });

  it('are too many beyond a thousand', async () => {
    for (let n = 0; n <= 1_000; n += 1) put(join(folder, 'many', `${n}`), 60);
    await expect(new FoundFiles({ lake: folder, s3: noS3 }).find('many/*', signal)).rejects.toThrow(
      `More than 1000 files are called ${folder}/many/*. Wait for a narrower name`,
    );
  });
});

describe.skipIf(!s3ServerProgram())('files of a bucket', () => {
  let server: S3Server;
  let client: S3Client;
  beforeAll(async () => {
    server = await startS3Server({ folder, accessKeyId: 'key', secretAccessKey: 'secret-key' });
    client = s3Client({
      endpoint: server.endpoint,
      region: 'eu-central-1',
      pathStyle: true,
      credentials: { accessKeyId: 'key', secretAccessKey: 'secret-key' },
    });
    await client.send(new CreateBucketCommand({ Bucket: 'files' }));
    for (const name of NAMES)
      await client.send(new PutObjectCommand({ Bucket: 'files', Key: `team/lake/${name}`, Body: 'x' }));
  });
  afterAll(async () => {
    client.destroy();
    await server.stop();
  });

  it.each(CASES)('are found by %s', async (pattern, found) => {
    const files = new FoundFiles({ lake: 's3://files/team/lake/', s3: () => Promise.resolve(client) });
    const uris = found.map((name) => `s3://files/team/lake/${name}`);
    expect(await files.find(pattern, signal)).toEqual(uris);
    expect(await files.find(`s3://files/team/lake/${pattern}`, signal)).toEqual(uris);
  });

  it('that is not there is said by its name', async () => {
    const files = new FoundFiles({ lake: folder, s3: () => Promise.resolve(client) });
    await expect(files.find('s3://nobody/x', signal)).rejects.toThrow(
      'Listing s3://nobody/x: AWS says NoSuchBucket',
    );
  });
});
