import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { problemsOf } from '../cli/commands/validate.ts';
import { resolveAll } from '../core/registry.ts';
import { readProfile } from './read.ts';
import { Sources } from './sources.ts';

const folder = mkdtempSync(join(tmpdir(), 'sluice-extractor-'));
afterAll(() => rmSync(folder, { recursive: true }));

const GLUE = '{ type: glue, job: read, secretArn: arn }';
const EXPORT = '{ type: rds-export, region: eu-central-1 }';
/** A profile with one connection, `shop`, and a lake in S3. */
async function profile(connection: string) {
  const file = join(folder, 'profile.yaml');
  writeFileSync(
    file,
    `temporal: { address: 'h:1' }
ledger: { host: h, database: d, user: u, password: p }
connections: { shop: { host: h, database: d, user: u, password: p, ${connection} } }
lake: { type: s3, bucket: lake }
warehouse: { type: duckdb, file: ${folder}/w.duckdb }
transform: { type: dbt, target: duckdb, project: dbt, python: python, state: state }
`,
  );
  return readProfile(file, []);
}

it('is chosen by connection, and takes its tables to itself', async () => {
  const sources = new Sources(await profile(`type: postgres, extractor: ${GLUE}`));
  expect(sources.extractsTogether('shop')).toBe(true);
  expect(await sources.extractor('shop')).toHaveProperty('extractAll');
  const exporting = new Sources(await profile(`type: postgres, extractor: ${EXPORT}`));
  expect(exporting.extractsTogether('shop')).toBe(true);
  expect(await exporting.extractor('shop')).toHaveProperty('extractAll');
  await exporting.close();
  const none = new Sources(await profile('type: postgres'));
  expect(none.extractsTogether('shop')).toBe(false);
  await expect(none.extractor('shop')).rejects.toThrow(/'shop', of type postgres, has no extractor/);
});

it('is refused where it cannot read that type of connection', async () => {
  await expect(profile(`type: mysql, extractor: ${GLUE}`)).rejects.toThrow(
    /connections\.shop\.extractor: an extractor of type glue reads postgres, not mysql; take it out/,
  );
  await expect(profile(`type: mysql, extractor: ${EXPORT}`)).rejects.toThrow(
    /an extractor of type rds-export reads postgres, not mysql/,
  );
});

it('is refused where an export would not know its region', async () => {
  await expect(profile('type: postgres, extractor: { type: rds-export }')).rejects.toThrow(
    /connections\.shop\.extractor\.region/,
  );
});

it('is held against the tables of each pipeline at validate', async () => {
  const extract = { mode: 'interval', cursor: 'at' } as const;
  const registry = resolveAll([
    {
      name: 'shop',
      description: 's',
      schedule: 'manual',
      start: '2024-01-01',
      source: 'shop',
      tables: {
        plain: { domain: 'd', extract, primaryKey: ['id'] },
        asked: { domain: 'd', extract, primaryKey: ['id'], from: { query: 'select 1 as id, now() as at' } },
      },
    },
  ]);
  const problems = async (connection: string) => problemsOf(registry, await profile(connection), 'mine');
  expect(await problems('type: postgres')).toEqual([]);
  expect(await problems(`type: postgres, extractor: ${EXPORT}`)).toEqual([]);
  expect(await problems(`type: postgres, extractor: ${GLUE}`)).toEqual([
    expect.stringMatching(/^Pipeline 'shop' with profile 'mine': The extractor reads .*'asked' is a query/),
  ]);
});

it('verifies as its connection says, with certificates that are looked for before anything is started', async () => {
  const ssl = `ssl: { mode: verify-full, rootCertificate: ${folder}/none.pem }`;
  const sources = new Sources(await profile(`type: postgres, ${ssl}, extractor: ${GLUE}`));
  const extractor = await sources.extractor('shop');
  const table = {
    name: 'orders',
    domain: 'd',
    from: 'orders',
    extract: { mode: 'snapshot' },
    write: 'replace',
    primaryKey: [],
    exclude: [],
    types: {},
    onSchemaChange: 'evolve',
    minRows: 0,
  } as const;
  const interval = { start: '2024-01-01T00:00:00Z', end: '2024-01-02T00:00:00Z' };
  const request = {
    pipeline: 'shop',
    interval,
    token: 't',
    tables: [{ table, mark: undefined, loadId: '20240102t000000000-00000000' }],
  };
  await expect(extractor.extractAll(request, new AbortController().signal)).rejects.toThrow(
    /certificates of the connection cannot be read: .*none\.pem.*Correct 'rootCertificate'/,
  );
});

it('refuses authorities that nobody would look at', async () => {
  await expect(profile('type: postgres, ssl: { mode: require, rootCertificate: ca.pem }')).rejects.toThrow(
    /ssl\.rootCertificate: is not looked at with mode 'require': say 'verify-ca'/,
  );
});
