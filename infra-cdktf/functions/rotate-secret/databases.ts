import { createConnection } from 'mysql2/promise';
import { Client } from 'pg';
import type { Credentials } from '../provision/request.ts';
import { rdsAuthorities } from '../rds-authorities.ts';
import type { Databases } from './rotation.ts';
import { changeOwnPassword } from './statements.ts';

/** What servers say to a wrong password: SQLSTATE of PostgreSQL and Redshift, MySQL's name. */
const refusals = ['28P01', '28000', 'ER_ACCESS_DENIED_ERROR'];

export const databases: Databases = {
  async accepts(credentials) {
    try {
      await signedIn(credentials, () => Promise.resolve());
      return true;
    } catch (error) {
      if (refusals.includes((error as { code?: string }).code ?? '')) return false;
      throw error;
    }
  },
  change(credentials, password) {
    const statement = changeOwnPassword(credentials, password);
    return signedIn(credentials, (query) => query(statement));
  },
};

/** Over TLS that is verified: RDS by its own authorities, Redshift by those that everybody knows. */
async function signedIn(
  { engine, host, port, dbname, username, password }: Credentials,
  work: (query: (sql: string) => Promise<unknown>) => Promise<unknown>,
): Promise<void> {
  const ssl = engine === 'redshift' ? {} : { ca: await rdsAuthorities() };
  if (engine === 'mysql') {
    const connection = await createConnection({
      host,
      port,
      user: username,
      password,
      database: dbname,
      ssl,
    });
    try {
      await work((sql) => connection.query(sql));
    } finally {
      await connection.end();
    }
    return;
  }
  const client = new Client({ host, port, user: username, password, database: dbname, ssl });
  await client.connect();
  try {
    await work((sql) => client.query(sql));
  } finally {
    await client.end();
  }
}
