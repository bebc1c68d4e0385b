import { randomBytes } from 'node:crypto';
import { Client } from 'pg';

/** A real, empty PostgreSQL database of a test's own. */
export interface TestDatabase {
  readonly url: string;
  readonly address: {
    readonly host: string;
    readonly port: number;
    readonly database: string;
    readonly user: string;
    readonly password: string;
  };
  /** A session in it. */
  readonly client: Client;
  /** Another one, ended with the database. */
  session(as?: { user?: string; password?: string; database?: string }): Promise<Client>;
  /** Ends the sessions and drops the database. */
  close(): Promise<void>;
}

/** In the server that `servers.ts` has started, or that SLUICE_TEST_POSTGRES names. */
export async function testDatabase(purpose: string): Promise<TestDatabase> {
  const given = process.env['SLUICE_TEST_POSTGRES'];
  if (given === undefined)
    throw new Error('SLUICE_TEST_POSTGRES is not set: run tests by vitest, whose set-up starts PostgreSQL.');
  const url = new URL(given);
  const admin = await connected({ connectionString: given });
  const database = `${purpose}_${randomBytes(6).toString('hex')}`;
  await admin.query(`CREATE DATABASE ${database} TEMPLATE template0 ENCODING 'UTF8'`);
  url.pathname = `/${database}`;
  const address = {
    host: url.hostname || '127.0.0.1',
    port: Number(url.port || 5432),
    database,
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
  };
  const open: Client[] = [];
  const session: TestDatabase['session'] = async (as = {}) => {
    const client = await connected({ ...address, ...as });
    open.push(client);
    return client;
  };
  return {
    url: url.href,
    address,
    client: await session(),
    session,
    async close() {
      await Promise.all(open.map((client) => client.end().catch(() => undefined)));
      await admin.query(`DROP DATABASE ${database} WITH (FORCE)`);
      await admin.end();
    },
  };
}

async function connected(to: ConstructorParameters<typeof Client>[0]): Promise<Client> {
  const client = new Client(to);
  client.on('error', () => undefined); // A lost connection shows in the query that needs it.
  await client.connect();
  return client;
}
