import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import getPort from 'get-port';
import { afterAll, describe, it } from 'vitest';
import { expectRefusal, sluice } from './cli.ts';

const folder = mkdtempSync(join(tmpdir(), 'sluice-profile-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A profile in which nothing answers. */
const aProfile = (changes: Record<string, unknown> = {}) => ({
  temporal: { address: '127.0.0.1:1' },
  ledger: {
    host: '127.0.0.1',
    port: 1,
    user: 'sluice',
    password: 'secret-of-the-ledger',
    database: 'sluice',
  },
  connections: {
    olist: {
      type: 'postgres',
      host: '127.0.0.1',
      port: 1,
      user: 'olist',
      password: 'secret-of-the-source',
      database: 'olist',
    },
  },
  lake: { type: 'folder', path: join(folder, 'lake') },
  warehouse: { type: 'duckdb', file: join(folder, 'warehouse.duckdb') },
  transform: { type: 'dbt', target: 'duckdb', project: 'dbt', python: 'python', state: join(folder, 'dbt') },
  ...changes,
});

const write = (name: string, document: unknown): string => {
  const file = join(folder, `${name}.yaml`);
  writeFileSync(file, typeof document === 'string' ? document : stringify(document));
  return file;
};

describe('a profile', { timeout: 120_000 }, () => {
  it('with three mistakes is refused naming all three, each with its field', async () => {
    const file = write('three', {
      ...aProfile(),
      temporal: { adress: '127.0.0.1:1' },
      lake: { type: 'bucket', path: '/data' },
      ledger: { ...aProfile().ledger, password: '${SLUICE_NO_SUCH_VARIABLE}' },
    });
    const said = await sluice(['validate', '--profile', file]);
    expectRefusal(said, 2, [
      file,
      'temporal',
      'adress',
      'lake.type',
      'ledger.password',
      'SLUICE_NO_SUCH_VARIABLE',
    ]);
  });

  it('that removes loads which have only just been made is refused', async () => {
    const gc = { olderThan: '1 hour' };
    const file = write('hasty', { ...aProfile(), lake: { ...aProfile().lake, gc } });
    const said = await sluice(['validate', '--profile', file]);
    expectRefusal(said, 2, [file, 'lake.gc', '1 day']);
  });

  it('that is no YAML is refused with the place', async () => {
    const file = write('broken', 'temporal:\n  address: [1, 2\nledger: {');
    expectRefusal(await sluice(['validate', '--profile', file]), 2, [file, /line \d/]);
  });

  it('without the connection that a pipeline reads is refused, with the connection and the place to add it', async () => {
    const file = write('unconnected', aProfile({ connections: {} }));
    expectRefusal(await sluice(['validate', '--profile', file]), 2, [
      `Pipeline 'olist' reads connection 'olist'`,
      file,
      `Add it under 'connections'`,
    ]);
  });

  it('whose ledger does not answer ends a command with the address', async () => {
    const port = await getPort();
    const file = write('no-ledger', aProfile({ ledger: { ...aProfile().ledger, port } }));
    expectRefusal(await sluice(['runs', '--profile', file]), 1, [
      `The ledger (database 'sluice' at 127.0.0.1:${port})`,
      'Check that the server is up',
    ]);
  });

  it('whose Temporal does not answer ends a command with the address and what to do', async () => {
    const port = await getPort();
    const file = write('no-temporal', aProfile({ temporal: { address: `127.0.0.1:${port}` } }));
    expectRefusal(await sluice(['run', 'olist', '-i', '2018-08-01', '--profile', file]), 1, [
      `Temporal at 127.0.0.1:${port} cannot be reached`,
      `'temporal.address'`,
    ]);
  });

  it('never shows a password of its connections', async () => {
    const file = write('secret', { ...aProfile(), worker: { maxActivities: 'many' } });
    const said = await sluice(['validate', '--profile', file]);
    expectRefusal(said, 2, ['worker.maxActivities', /^(?!.*secret-of-the)[^]*$/]);
  });
});
