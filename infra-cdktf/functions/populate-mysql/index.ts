import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { createConnection, type Connection } from 'mysql2/promise';
import type { Credentials } from '../provision/request.ts';
import { rdsAuthorities } from '../rds-authorities.ts';
import { generate, type Size, type Table } from './generate.ts';
import { tables } from './tables.ts';

const defaults: Size = { clients: 100, salesPeople: 20, sales: 1000, seed: 1 };
const rowsPerInsert = 500;

/** Fills the retail tables; rows that are there already stay as they are. */
export async function handler(event: Partial<Size>): Promise<Record<string, number>> {
  const data = generate({ ...defaults, ...event });
  const connection = await connect();
  try {
    for (const [name, columns] of Object.entries(tables))
      await connection.query(`CREATE TABLE IF NOT EXISTS \`${name}\` (${columns})`);
    for (const table of data) await insert(connection, table);
  } finally {
    await connection.end();
  }
  return Object.fromEntries(data.map((table) => [table.name, table.rows.length]));
}

async function insert(connection: Connection, { name, columns, rows }: Table): Promise<void> {
  for (let start = 0; start < rows.length; start += rowsPerInsert) {
    await connection.query(`INSERT IGNORE INTO \`${name}\` (${columns.join(', ')}) VALUES ?`, [
      rows.slice(start, start + rowsPerInsert),
    ]);
  }
}

async function connect(): Promise<Connection> {
  const secret = await new SecretsManagerClient().send(
    new GetSecretValueCommand({ SecretId: process.env['OWNER_SECRET_ARN'] }),
  );
  const { host, port, dbname, username, password } = JSON.parse(secret.SecretString ?? '{}') as Credentials;
  return createConnection({
    host,
    port,
    database: dbname,
    user: username,
    password,
    charset: 'utf8mb4',
    ssl: { ca: await rdsAuthorities() },
  });
}
