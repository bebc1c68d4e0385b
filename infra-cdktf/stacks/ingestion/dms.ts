import { DmsEndpoint } from '@cdktf/provider-aws/lib/dms-endpoint/index.js';
import { DmsReplicationInstance } from '@cdktf/provider-aws/lib/dms-replication-instance/index.js';
import { DmsReplicationSubnetGroup } from '@cdktf/provider-aws/lib/dms-replication-subnet-group/index.js';
import type { DmsReplicationTask } from '@cdktf/provider-aws/lib/dms-replication-task/index.js';
import { DmsS3Endpoint } from '@cdktf/provider-aws/lib/dms-s3-endpoint/index.js';
import type { Construct } from 'constructs';
import type { Environment } from '../../config/environment.ts';
import { logGroup } from '../../constructs/log-group.ts';
import type { NodeFunction } from '../../constructs/node-function.ts';
import {
  decryptWith,
  deleteObjects,
  readObjects,
  readSecrets,
  useKey,
  writeObjects,
} from '../../constructs/permissions.ts';
import { workloadRole } from '../../constructs/workload-role.ts';
import { lakePrefixes } from '../../contract.ts';
import { nameOf } from '../../names.ts';
import type { SourceDatabase } from '../sources/source-database.ts';
import { authorityInDms } from './database-authority.ts';
import { replicationTask } from './dms-task.ts';
import type { IngestionDependencies } from './dependencies.ts';

export interface Replication {
  readonly instance: DmsReplicationInstance;
  /** The task that follows a source's changes for ever. */
  readonly changes: DmsReplicationTask | undefined;
  readonly functions: readonly NodeFunction[];
  readonly tasks: readonly DmsReplicationTask[];
}

/** PostgreSQL: everything, then every change. MySQL: everything, when it is asked for. */
export function replication(scope: Construct, env: Environment, stacks: IngestionDependencies): Replication {
  const instance = replicationInstance(scope, env, stacks);
  const { postgres, mysql } = stacks.sources;
  const accessRoleArn = secretsRole(scope, env, stacks);
  const target = s3Target(scope, env, stacks);
  const tasks: DmsReplicationTask[] = [];
  const functions: NodeFunction[] = [];
  let changes: DmsReplicationTask | undefined;
  if (postgres) {
    const source = new DmsEndpoint(scope, 'postgres-endpoint', {
      ...bySecret(env, 'olist', postgres, accessRoleArn),
      engineName: 'postgres',
      sslMode: 'require',
      postgresSettings: { pluginName: 'test_decoding', captureDdls: false },
    });
    changes = replicationTask(scope, env, {
      name: 'olist',
      type: 'full-load-and-cdc',
      schema: 'public',
      instance,
      source,
      target,
    });
    tasks.push(changes);
  }
  if (mysql) {
    const authority = authorityInDms(scope, env, stacks);
    functions.push(authority.by);
    const source = new DmsEndpoint(scope, 'mysql-endpoint', {
      ...bySecret(env, 'retail', mysql, accessRoleArn),
      engineName: 'mysql',
      // `require` is not among MySQL's modes in DMS.
      sslMode: 'verify-ca',
      certificateArn: authority.arn,
    });
    tasks.push(
      replicationTask(scope, env, {
        name: 'retail',
        type: 'full-load',
        schema: mysql.database,
        instance,
        source,
        target,
      }),
    );
  }
  return { instance, changes, functions, tasks };
}

function bySecret(env: Environment, name: string, source: SourceDatabase, roleArn: string) {
  return {
    endpointId: nameOf(env, name),
    endpointType: 'source',
    databaseName: source.database,
    secretsManagerArn: source.secrets.replicator.arn,
    secretsManagerAccessRoleArn: roleArn,
  };
}

function replicationInstance(
  scope: Construct,
  env: Environment,
  { storage, network }: IngestionDependencies,
): DmsReplicationInstance {
  const subnets = new DmsReplicationSubnetGroup(scope, 'dms-subnets', {
    replicationSubnetGroupId: nameOf(env, 'dms'),
    replicationSubnetGroupDescription: 'Private subnets',
    subnetIds: [...network.subnets.private],
  });
  // Before DMS makes it, without a key and for ever.
  const logs = logGroup(scope, env, 'dms', storage.keys.operations.arn, `dms-tasks-${nameOf(env, 'dms')}`);
  return new DmsReplicationInstance(scope, 'dms', {
    replicationInstanceId: nameOf(env, 'dms'),
    replicationInstanceClass: env.sizes.dms.instanceClass,
    allocatedStorage: env.sizes.dms.storageGb,
    kmsKeyArn: storage.keys.raw.arn,
    multiAz: env.protection.multiAz,
    publiclyAccessible: false,
    autoMinorVersionUpgrade: true,
    replicationSubnetGroupId: subnets.replicationSubnetGroupId,
    vpcSecurityGroupIds: [network.securityGroups.dms.id],
    dependsOn: [logs],
  });
}

/** DMS reads secrets in the name of its regional principal. */
function secretsRole(
  scope: Construct,
  env: Environment,
  { storage, sources }: IngestionDependencies,
): string {
  const secrets = [sources.postgres, sources.mysql].flatMap((source) =>
    source ? [source.secrets.replicator.arn] : [],
  );
  return workloadRole(scope, 'dms-secrets', {
    env,
    service: `dms.${env.region}.amazonaws.com`,
    sourceAccount: false,
    description: 'Reads the credentials of the DMS source endpoints',
    statements: [
      readSecrets(secrets),
      decryptWith([storage.keys.secrets.arn], ['secretsmanager'], env.region),
    ],
  }).arn;
}

function s3Target(scope: Construct, env: Environment, { storage }: IngestionDependencies): DmsS3Endpoint {
  const { bronze } = storage.buckets;
  const role = workloadRole(scope, 'dms-s3', {
    env,
    service: ['dms.amazonaws.com', `dms.${env.region}.amazonaws.com`],
    description: 'Writes changes to bronze',
    statements: [
      ...readObjects(bronze, lakePrefixes.changes),
      writeObjects(bronze, lakePrefixes.changes),
      deleteObjects(bronze, lakePrefixes.changes),
      useKey([storage.keys.raw.arn], ['s3'], env.region),
    ],
  });
  return new DmsS3Endpoint(scope, 'bronze-endpoint', {
    endpointId: nameOf(env, 'bronze'),
    endpointType: 'target',
    bucketName: bronze.bucket,
    bucketFolder: lakePrefixes.changes.slice(0, -1),
    serviceAccessRoleArn: role.arn,
    dataFormat: 'parquet',
    parquetVersion: 'parquet-1-0',
    compressionType: 'GZIP',
    encryptionMode: 'SSE_KMS',
    serverSideEncryptionKmsKeyId: storage.keys.raw.arn,
    // Every row says what happened to it and when.
    includeOpForFullLoad: true,
    timestampColumnName: 'extracted_at',
    cdcMaxBatchInterval: 60,
    cdcMinFileSize: 32000,
    datePartitionEnabled: true,
    datePartitionSequence: 'YYYYMMDD',
    expectedBucketOwner: env.account,
  });
}
