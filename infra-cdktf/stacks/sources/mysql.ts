import type { Construct } from 'constructs';
import type { Environment } from '../../config/environment.ts';
import { database, mysql84 } from '../../constructs/database.ts';
import type { SourcesDependencies } from './dependencies.ts';
import { withUsers, type SourceDatabase } from './source-database.ts';

const name = 'retail';

/** MySQL with a row-based binary log for DMS, TLS only. */
export function mysqlSource(scope: Construct, env: Environment, stacks: SourcesDependencies): SourceDatabase {
  const { storage, network } = stacks;
  const instance = database(scope, 'mysql-source', {
    env,
    engine: mysql84,
    size: env.sizes.mysqlSource,
    database: name,
    parameters: [
      { name: 'binlog_format', value: 'ROW', applyMethod: 'immediate' },
      { name: 'binlog_row_image', value: 'full', applyMethod: 'immediate' },
      { name: 'require_secure_transport', value: '1', applyMethod: 'immediate' },
    ],
    subnetIds: network.subnets.isolated,
    group: network.securityGroups['mysql-source'],
    dataKeyArn: storage.keys.raw.arn,
    secretKeyArn: storage.keys.secrets.arn,
    logKeyArn: storage.keys.operations.arn,
  });
  return withUsers(scope, env, stacks, { what: 'retail', instance, engine: mysql84, database: name });
}
