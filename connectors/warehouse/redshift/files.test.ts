import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { missing } from '../../../aws-local/redshift-bench/redshift-harness.ts';
import { startFaultProxy, type Fault, type FaultProxy } from '../../../aws-local/services/faults.ts';
import { s3Client } from '../../aws/s3-client.ts';
import type { LoadRequest } from '../port.ts';
import { FIRST, never, redshiftTests } from './harness.ts';

const FOREVER = 1_000;
const xml = (status: number, code: string, message: string): Fault => ({
  status,
  body: `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>${message}</Message></Error>`,
});

describe.skipIf(missing)(`the files of a load ${missing ?? ''}`, { timeout: 60_000 }, () => {
  const tests = redshiftTests();
  let proxy: FaultProxy;
  beforeAll(async () => {
    proxy = await startFaultProxy(tests.bench().store.endpoint);
  });
  afterEach(() => proxy.heal());
  afterAll(() => proxy.stop());
  const clientOf = (region = 'eu-central-1') => {
    const { store } = tests.bench();
    return s3Client({
      endpoint: proxy.endpoint,
      region,
      pathStyle: true,
      credentials: store,
    });
  };
  const moved = async (change: (uri: string) => string): Promise<LoadRequest> => {
    const wanted = await tests.request(FIRST);
    return { ...wanted, fileUris: wanted.fileUris.map(change) };
  };
  const asWritten = () => moved((uri) => uri);

  it.each([
    [
      'the bucket is missing',
      () => moved((uri) => uri.replace('s3://lake/', 's3://nowhere/')),
      () => clientOf(),
      /s3:\/\/nowhere\/bronze.*NoSuchBucket.*Create the bucket, or correct its name/s,
    ],
    [
      'a file is gone',
      () => moved((uri) => `${uri}.gone`),
      () => clientOf(),
      /part-\d\.parquet\.gone is gone from the lake\. Extract the table again/,
    ],
    [
      'the bucket is in another region',
      asWritten,
      () => clientOf('us-east-1'),
      /s3:\/\/lake\/bronze.*region.*Set the region of the profile/s,
    ],
  ] as const)('say what to do when %s', async (_, request, client, message) => {
    const failure = tests.open({ s3: client() }).load(await request(), never);
    await expect(failure).rejects.toThrow(message);
    await expect(failure).rejects.toMatchObject({ name: 'TerminalError' });
    await tests.nothingIsLeft();
  });

  it.each([
    [
      'access is denied',
      xml(403, 'AccessDenied', 'Access Denied'),
      'TerminalError',
      /Give the role of this process the permission/,
    ],
    [
      'the key is unknown',
      xml(403, 'InvalidAccessKeyId', 'The AWS Access Key Id you provided does not exist in our records.'),
      'TerminalError',
      /records\. Renew the AWS credentials/,
    ],
    [
      'the credentials expire',
      xml(400, 'ExpiredToken', 'The provided token has expired.'),
      'Unreachable',
      /Renew the AWS credentials/,
    ],
    [
      'S3 asks to slow down for good',
      xml(503, 'SlowDown', 'Please reduce your request rate.'),
      'Unreachable',
      /SlowDown.*tried again/,
    ],
    ['the connection breaks each time', 'lose the answer' as const, 'Unreachable', /tried again/],
  ] as const)(
    'name the file and the next step when %s, reading or writing',
    async (_, fault, name, message) => {
      for (const method of ['GET', 'PUT']) {
        proxy.heal();
        proxy.strike({ where: (request) => request.method === method, fault, times: FOREVER });
        const failure = tests.open({ s3: clientOf() }).load(await asWritten(), never);
        await expect(failure).rejects.toThrow(message);
        await expect(failure).rejects.toThrow(
          method === 'GET' ? /Reading s3:\/\/lake\/bronze/ : /_redshift_manifest\.json/,
        );
        await expect(failure).rejects.toMatchObject({ name });
        expect(await tests.bench().sql(`SELECT 1 FROM pg_namespace WHERE nspname = 'raw_shop'`)).toEqual([]);
      }
      proxy.heal();
      await tests.open({ s3: clientOf() }).load(await asWritten(), never);
      expect(await tests.rows()).toEqual(['1al1', '2bl1']);
    },
  );

  it('are read from their ends: one request each, none for a row', async () => {
    const seen: string[] = [];
    const fault = 'lose the answer';
    proxy.strike({ where: ({ method = '' }) => seen.push(method) < 0, fault });
    await tests.open({ s3: clientOf() }).load(await asWritten(), never);
    expect(seen).toEqual(['GET', 'GET', 'PUT']);
  });
});
