import { provisionMysql } from './mysql.ts';
import { provisionPostgres } from './postgres.ts';
import { provisionRedshift } from './redshift.ts';
import { checkNames, type ProvisionRequest } from './request.ts';

const engines = { postgres: provisionPostgres, mysql: provisionMysql, redshift: provisionRedshift };

/** Makes databases and users, and puts each user's credentials into its secret. May be called again. */
export async function handler(request: ProvisionRequest): Promise<{ users: string[] }> {
  checkNames(request);
  await engines[request.engine](request);
  return { users: request.users.map((user) => user.name) };
}
