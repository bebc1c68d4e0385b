import { createConnection } from 'mysql2/promise';
import { rdsAuthorities } from '../rds-authorities.ts';
import type { ProvisionRequest } from './request.ts';
import { administrator, credentialsFor, store } from './secrets.ts';
import { mysqlUser } from './statements.ts';

export async function provisionMysql(request: ProvisionRequest): Promise<void> {
  const admin = await administrator(request.adminSecretArn);
  const connection = await createConnection({
    host: request.host,
    port: request.port,
    user: admin.username,
    password: admin.password,
    ssl: { ca: await rdsAuthorities() },
  });
  try {
    for (const user of request.users) {
      const credentials = await credentialsFor(request, user);
      for (const statement of mysqlUser(user, credentials)) await connection.query(statement);
      await store(user.secretArn, credentials);
    }
  } finally {
    await connection.end();
  }
}
