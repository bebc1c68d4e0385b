import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aTable, extractAll } from '../connectors/source/conformance/suite.ts';
import { openPostgres, type PostgresHarness } from '../connectors/source/postgres/harness.ts';
import type { Secrets } from '../connectors/secrets/port.ts';
import { openLedger } from './open.ts';
import type { Profile } from './profile.ts';
import { readProfile } from './read.ts';
import { Sources } from './sources.ts';

const ROOT = join(import.meta.dirname, '..');
const ROLE = `rotated_${process.pid}`;
let db: PostgresHarness;
let profile: Profile;
/** What stands where the profile reads the password, and how often it was read. */
const secret = { password: 'first', reads: 0 };
const now = (): Promise<Profile> => {
  secret.reads += 1;
  const login = { user: ROLE, password: secret.password };
  const { host, port, database } = db.options;
  return Promise.resolve({
    ...profile,
    transform: { ...profile.transform, python: join(ROOT, '.tools/python') },
    ledger: { ...profile.ledger, host, port, database, ...login },
    connections: { shop: { type: 'postgres', host, port, database, schema: 'public', ...login } },
  });
};
/** In the server, and then, or never, where the profile reads it. */
const rotate = async (password: string, isTold = true) => {
  await db.sql(`ALTER ROLE ${ROLE} PASSWORD '${password}'`);
  if (isTold) secret.password = password;
  secret.reads = 0;
};

beforeAll(async () => {
  const values: Secrets = {
    scheme: 'env',
    read: (name) => Promise.resolve(/UI$/.test(name) ? 'http://h:1' : /PORT$/.test(name) ? '1' : 'h:1'),
  };
  db = await openPostgres();
  profile = await readProfile('embedded', [values, { ...values, scheme: 'file' }]);
  await db.sql(`CREATE ROLE ${ROLE} LOGIN PASSWORD 'first'`);
  await db.sql('CREATE TABLE public.orders AS SELECT 1 AS id');
  await db.sql(`GRANT SELECT ON public.orders TO ${ROLE}; GRANT ALL ON SCHEMA public TO ${ROLE}`);
}, 120_000);
afterAll(async () => {
  await db.sql(`DROP OWNED BY ${ROLE}; DROP ROLE ${ROLE}`);
  await db.close();
});

describe('a password that is changed while a worker runs', { timeout: 60_000 }, () => {
  it('is read again where a source refuses the old one, once for all who were refused', async () => {
    const sources = new Sources(await now(), now);
    const read = async () => {
      const table = aTable({ name: 'orders', from: 'public.orders' });
      return (await extractAll(await sources.get('shop'), table)).rows;
    };
    expect(await read()).toBe(1);
    await rotate('second');
    expect(await Promise.all([read(), read(), read()])).toEqual([1, 1, 1]);
    expect(secret.reads).toBe(1);
    await rotate('third', false);
    await expect(read()).rejects.toMatchObject({
      name: 'Unreachable', // it has worked, so it is being rotated
      message: expect.stringMatching(/authentication failed.*Correct user and password/s) as string,
    });
    secret.password = 'between the two';
    await expect(read()).rejects.toMatchObject({ name: 'Unreachable' });
    const others = new Sources(await now(), now);
    await expect(
      (await others.get('shop')).firstRow('SELECT 1 AS one', AbortSignal.timeout(9_000)),
    ).rejects.toMatchObject({
      name: 'LoginRefused', // it never has
    });
    await others.close();
    await rotate('third');
    expect(await read()).toBe(1);
    await sources.close();
  });

  it('is read again where the ledger refuses the old one', async () => {
    const ledger = await openLedger(await now(), now);
    await ledger.migrate();
    const endConnections = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '${ROLE}'`;
    await rotate('fourth');
    await db.sql(endConnections);
    const asked = () => ledger.places().catch((error: unknown) => error);
    let found = await asked();
    // A connection that was ended is found so by the query that it is given to.
    for (let turn = 0; turn < 8 && found instanceof Error; turn += 1) found = await asked();
    expect(found).toEqual([]);
    expect(secret.reads).toBe(1);
    await rotate('fifth', false);
    await db.sql(endConnections);
    do found = await asked();
    while (found instanceof Error && !found.message.includes('refused user'));
    expect(found).toMatchObject({ name: 'Unreachable', message: expect.stringMatching(/restart/) as string });
    secret.password = 'between the two';
    expect(await asked()).toMatchObject({ name: 'Unreachable' });
    const never = await openLedger(await now(), now);
    await expect(never.places()).rejects.toMatchObject({ name: 'LoginRefused' });
    await never.close();
    await ledger.close();
  });
});
