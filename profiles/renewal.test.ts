import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { testDatabase, type TestDatabase } from '../test/setup/database.ts';
import { FileSecrets } from '../connectors/secrets/file.ts';
import { openLedger, Sources } from './open.ts';
import { Renewal } from './renewal.ts';

let database: TestDatabase;
let folder: string;
let secret: string;
let renewal: Renewal;
const role = `rotated_${process.pid}`;

const rotate = async (password: string) => {
  await database.client.query(`ALTER ROLE ${role} PASSWORD '${password}'`);
};
const table = {
  name: 'one',
  domain: 'd',
  from: 'one',
  extract: { mode: 'snapshot' },
  write: 'replace',
  primaryKey: [],
  exclude: [],
  types: {},
  onSchemaChange: 'evolve',
  minRows: 0,
} as const;

beforeAll(async () => {
  database = await testDatabase('renewal');
  folder = mkdtempSync(join(tmpdir(), 'sluice-renewal-'));
  secret = join(folder, 'password');
  const { host, port, database: name } = database.address;
  await database.client.query(`CREATE ROLE ${role} LOGIN PASSWORD 'first'`);
  await database.client.query(`CREATE TABLE one AS SELECT 1 AS id; GRANT SELECT ON one TO ${role}`);
  await database.client.query(`GRANT ALL ON SCHEMA public TO ${role}`);
  writeFileSync(secret, 'first');
  const server = `{ host: ${host}, port: ${port}, database: ${name}, user: ${role}, password: '\${file:${secret}}'`;
  writeFileSync(
    join(folder, 'profile.yaml'),
    `temporal: { address: 'localhost:1' }
ledger: ${server} }
connections: { shop: ${server}, type: postgres } }
lake: { type: folder, path: ${folder}/lake }
warehouse: { type: duckdb, file: ${folder}/warehouse.duckdb }
transform: { type: dbt, target: duckdb, project: ${folder}, python: ${folder}, state: ${folder} }
`,
  );
  renewal = new Renewal(join(folder, 'profile.yaml'), () => [new FileSecrets()]);
});
afterAll(async () => {
  await database.client.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`);
  await database.close();
  rmSync(folder, { recursive: true });
});

it('a password that was rotated is read again, once, and its place is named where that does not help', async () => {
  const profile = await renewal.profile();
  const sources = new Sources(profile, renewal);
  const ledger = openLedger(profile, renewal);
  await ledger.migrate();
  await rotate('second');
  await database.client.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '${role}'`,
  );
  const refused = async () => [
    await sources
      .get('shop')
      .describe(table)
      .catch((error: unknown) => error),
    await ledger.runs({}).catch((error: unknown) => error),
  ];
  for (const error of await refused()) {
    expect(error).toMatchObject({ name: 'LoginRefused' });
    expect(String(error)).toContain(`\${file:${secret}}, which was read again just now and is the same`);
    expect(String(error)).not.toMatch(/first|second/);
  }
  writeFileSync(secret, 'second');
  expect(await sources.get('shop').describe(table)).toMatchObject({ columns: [{ name: 'id' }] });
  expect(await ledger.runs({})).toEqual([]);
  await sources.close();
  await ledger.close();
});
