import { redshiftHash } from './password.ts';
import type { Credentials, ProvisionRequest, UserRequest } from './request.ts';

/** SQL per engine, as text. Names were checked by `checkNames`, passwords are letters and digits (`newPassword`). */

export function postgresUser({ username, password }: Credentials): string[] {
  return [
    `DO $$ BEGIN CREATE ROLE "${username}" LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$`,
    `ALTER ROLE "${username}" PASSWORD '${password}'`,
    `GRANT "${username}" TO CURRENT_USER`,
  ];
}

/** Within one of the user's databases. `owner` is who makes the tables there. */
export function postgresAccess(user: UserRequest, owner: string): string[] {
  if (user.access === 'owner') return [`GRANT ALL ON SCHEMA public TO "${user.name}"`];
  return [
    `GRANT USAGE ON SCHEMA public TO "${user.name}"`,
    `GRANT SELECT ON ALL TABLES IN SCHEMA public TO "${user.name}"`,
    `ALTER DEFAULT PRIVILEGES FOR ROLE "${owner}" IN SCHEMA public GRANT SELECT ON TABLES TO "${user.name}"`,
    ...(user.access === 'replicator' ? [`GRANT rds_replication TO "${user.name}"`] : []),
  ];
}

/** Hours that MySQL keeps binary logs, so that a stopped replication task can go on. */
const binlogHours = 48;

export function mysqlUser(user: UserRequest, { username, password }: Credentials): string[] {
  const privileges = { owner: 'ALL PRIVILEGES', reader: 'SELECT', replicator: 'SELECT' }[user.access];
  return [
    ...user.databases.map(
      (database) => `CREATE DATABASE IF NOT EXISTS \`${database}\` CHARACTER SET utf8mb4`,
    ),
    `CREATE USER IF NOT EXISTS '${username}'@'%' IDENTIFIED BY '${password}' REQUIRE SSL`,
    `ALTER USER '${username}'@'%' IDENTIFIED BY '${password}'`,
    ...user.databases.map((database) => `GRANT ${privileges} ON \`${database}\`.* TO '${username}'@'%'`),
    ...(user.access === 'replicator'
      ? [
          `GRANT REPLICATION CLIENT, REPLICATION SLAVE ON *.* TO '${username}'@'%'`,
          `CALL mysql.rds_set_configuration('binlog retention hours', ${binlogHours})`,
        ]
      : []),
  ];
}

/** The Data API shows statements to its callers: the password goes there as its hash only. */
export function redshiftUser(user: UserRequest, credentials: Credentials, exists: boolean): string[] {
  const { username } = credentials;
  return [
    `${exists ? 'ALTER' : 'CREATE'} USER "${username}" PASSWORD '${redshiftHash(credentials)}'`,
    ...(user.access === 'owner'
      ? user.databases.map((database) => `GRANT CREATE ON DATABASE "${database}" TO "${username}"`)
      : []),
  ];
}

/** Schemas of the owner, external ones of the lake, and what readers may read. All may be repeated. */
export function redshiftSchemas({ users, warehouse }: ProvisionRequest): string[] {
  if (warehouse === undefined) return [];
  const owner = users.find(({ access }) => access === 'owner')?.name;
  if (owner === undefined) throw new Error('schemas need a user whose access is owner');
  const readers = users.filter(({ access }) => access === 'reader').map(({ name }) => name);
  return [
    // Superusers alone see it otherwise; `sluice warehouse care` goes by it.
    `GRANT SELECT ON svv_table_info TO "${owner}"`,
    `GRANT SELECT ON svv_interleaved_columns TO "${owner}"`,
    ...warehouse.schemas.map((schema) => `CREATE SCHEMA IF NOT EXISTS "${schema}" AUTHORIZATION "${owner}"`),
    ...warehouse.externalSchemas.flatMap(({ name, catalogDatabase, region, roleArn }) => [
      `CREATE EXTERNAL SCHEMA IF NOT EXISTS "${name}" FROM DATA CATALOG DATABASE '${catalogDatabase}' REGION '${region}' IAM_ROLE '${roleArn}'`,
      ...[owner, ...readers].map((user) => `GRANT USAGE ON SCHEMA "${name}" TO "${user}"`),
    ]),
    ...readers.flatMap((reader) =>
      warehouse.readable.flatMap((schema) => [
        `GRANT USAGE ON SCHEMA "${schema}" TO "${reader}"`,
        `GRANT SELECT ON ALL TABLES IN SCHEMA "${schema}" TO "${reader}"`,
        `ALTER DEFAULT PRIVILEGES FOR USER "${owner}" IN SCHEMA "${schema}" GRANT SELECT ON TABLES TO "${reader}"`,
      ]),
    ),
  ];
}
