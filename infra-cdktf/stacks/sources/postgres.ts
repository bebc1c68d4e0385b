import { DbInstanceRoleAssociation } from '@cdktf/provider-aws/lib/db-instance-role-association/index.js';
import type { Construct } from 'constructs';
import type { Environment } from '../../config/environment.ts';
import { database, postgres17 } from '../../constructs/database.ts';
import { useKey, writeObjects } from '../../constructs/permissions.ts';
import { workloadRole } from '../../constructs/workload-role.ts';
import { lakePrefixes } from '../../contract.ts';
import { arnOf, nameOf } from '../../names.ts';
import type { SourcesDependencies } from './dependencies.ts';
import { withUsers, type SourceDatabase } from './source-database.ts';

const name = 'olist';

/** PostgreSQL with logical replication for DMS, TLS only, able to export to the lake. */
export function postgresSource(
  scope: Construct,
  env: Environment,
  stacks: SourcesDependencies,
): SourceDatabase {
  const { storage, network } = stacks;
  const instance = database(scope, 'postgres-source', {
    env,
    engine: postgres17,
    size: env.sizes.postgresSource,
    database: name,
    parameters: [
      { name: 'rds.force_ssl', value: '1', applyMethod: 'pending-reboot' },
      { name: 'rds.logical_replication', value: '1', applyMethod: 'pending-reboot' },
      { name: 'wal_sender_timeout', value: '0', applyMethod: 'immediate' },
    ],
    subnetIds: network.subnets.isolated,
    group: network.securityGroups['postgres-source'],
    dataKeyArn: storage.keys.raw.arn,
    secretKeyArn: storage.keys.secrets.arn,
    logKeyArn: storage.keys.operations.arn,
  });
  const exporter = workloadRole(scope, 'rds-export', {
    env,
    service: 'rds.amazonaws.com',
    description: 'Lets the PostgreSQL source export query results to bronze',
    trust: { ArnLike: { 'aws:SourceArn': arnOf(env, 'rds', `db:${nameOf(env, 'postgres-source')}`) } },
    statements: [
      writeObjects(storage.buckets.bronze, lakePrefixes.exports),
      useKey([storage.keys.raw.arn], ['s3'], env.region),
    ],
  });
  new DbInstanceRoleAssociation(scope, 'postgres-source-export', {
    dbInstanceIdentifier: instance.identifier,
    featureName: 's3Export',
    roleArn: exporter.arn,
  });
  return withUsers(scope, env, stacks, { what: 'olist', instance, engine: postgres17, database: name });
}
