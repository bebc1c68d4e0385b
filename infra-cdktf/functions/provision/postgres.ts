import { Client } from 'pg';
import { rdsAuthorities } from '../rds-authorities.ts';
import type { ProvisionRequest } from './request.ts';
import { administrator, credentialsFor, store } from './secrets.ts';
import { postgresAccess, postgresUser } from './statements.ts';

export async function provisionPostgres(request: ProvisionRequest): Promise<void> {
  const admin = await administrator(request.adminSecretArn);
  const ca = await rdsAuthorities();
  const within = async (database: string, work: (client: Client) => Promise<void>): Promise<void> => {
    const client = new Client({
      host: request.host,
      port: request.port,
      user: admin.username,
      password: admin.password,
      database,
      ssl: { ca },
    });
    await client.connect();
    try {
      await work(client);
    } finally {
      await client.end();
    }
  };
  const owners = new Map(
    request.users
      .filter((user) => user.access === 'owner')
      .flatMap((user) => user.databases.map((name) => [name, user.name])),
  );

  await within(request.adminDatabase, async (client) => {
    for (const user of request.users) {
      const credentials = await credentialsFor(request, user);
      for (const statement of postgresUser(credentials)) await client.query(statement);
      await store(user.secretArn, credentials);
    }
    const existing = await client.query<{ datname: string }>('SELECT datname FROM pg_database');
    const names = new Set(existing.rows.map((row) => row.datname));
    for (const [database, owner] of owners) {
      if (!names.has(database)) await client.query(`CREATE DATABASE "${database}" OWNER "${owner}"`);
    }
  });
  for (const user of request.users) {
    for (const database of user.databases) {
      await within(database, async (client) => {
        for (const statement of postgresAccess(user, owners.get(database) ?? admin.username))
          await client.query(statement);
      });
    }
  }
}
