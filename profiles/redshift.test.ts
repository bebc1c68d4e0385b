import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  missing,
  ROLE,
  startRedshiftBench,
  type RedshiftBench,
} from '../aws-local/redshift-bench/redshift-harness.ts';
import { openWarehouse } from './adapters/warehouse.ts';
import { profileSchema } from './profile.ts';

const settings = {
  type: 'redshift',
  database: 'dev',
  copyRole: ROLE,
  login: { host: 'h', user: 'u', password: 'p' },
};
const parse = (fields: object) => profileSchema.shape.warehouse.safeParse({ ...settings, ...fields });

describe('a warehouse of type redshift', () => {
  it.each([
    [{}, /either 'workgroup' \(serverless\) or 'cluster' \(provisioned\)/],
    [{ workgroup: 'w', cluster: 'c' }, /either 'workgroup' \(serverless\) or 'cluster' \(provisioned\)/],
    [{ workgroup: 'w', dbUser: 'u' }, /'dbUser' goes with 'cluster'/],
    [{ cluster: 'c', dbUser: 'u', secretArn: 'a' }, /either 'dbUser' or 'secretArn'/],
  ])('is refused with %j', (fields, message) => {
    expect(parse(fields).error?.issues[0]?.message).toMatch(message);
  });
});

describe.skipIf(missing)(`the warehouse that a profile names ${missing ?? ''}`, () => {
  let bench: RedshiftBench;
  beforeAll(async () => {
    bench = await startRedshiftBench();
    vi.stubEnv('AWS_REGION', bench.store.region);
    vi.stubEnv('AWS_ACCESS_KEY_ID', bench.store.accessKeyId);
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', bench.store.secretAccessKey);
    vi.stubEnv('AWS_ENDPOINT_URL_REDSHIFT_DATA', bench.data.endpoint);
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    await bench.stop();
  });

  it.each([
    { workgroup: 'sluice' },
    { cluster: 'sluice-cluster' },
    { cluster: 'sluice-cluster', dbUser: 'u' },
  ])('answers: %j', async (fields) => {
    const found = parse({ ...fields, database: bench.postgres.database }).data;
    if (found?.type !== 'redshift') throw new Error('not parsed');
    const warehouse = await openWarehouse(found, {
      type: 's3',
      bucket: 'lake',
      prefix: '',
      pathStyle: true,
      gc: 'off',
    });
    expect((await warehouse.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
    await warehouse.close();
  });
});
