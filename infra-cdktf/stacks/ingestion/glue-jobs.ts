import { GlueConnection } from '@cdktf/provider-aws/lib/glue-connection/index.js';
import { GlueJob } from '@cdktf/provider-aws/lib/glue-job/index.js';
import type { IamRole } from '@cdktf/provider-aws/lib/iam-role/index.js';
import type { Construct } from 'constructs';
import type { Environment } from '../../config/environment.ts';
import {
  attachToVpc,
  decryptWith,
  deleteObjects,
  readObjects,
  readSecrets,
  useKey,
  writeObjects,
} from '../../constructs/permissions.ts';
import { allow } from '../../constructs/policy-document.ts';
import { workloadRole } from '../../constructs/workload-role.ts';
import { extractJob, lakePrefixes } from '../../contract.ts';
import { arnOf, nameOf } from '../../names.ts';
import type { SourceDatabase } from '../sources/source-database.ts';
import { type Catalog } from './catalog.ts';
import { glueLogGroups, writeGlueLogs } from './glue-logs.ts';
import type { IngestionDependencies } from './dependencies.ts';

/** Spark 3.5.6. */
const glueVersion = '5.1';

export interface GlueJobs {
  readonly extract: GlueJob;
  readonly connection: GlueConnection;
}

export function glueJobs(
  scope: Construct,
  env: Environment,
  stacks: IngestionDependencies,
  { security }: Catalog,
  source: SourceDatabase,
): GlueJobs {
  const { storage } = stacks;
  const scripts = storage.buckets.scripts.bucket;
  const connection = jdbcConnection(scope, env, stacks, source);
  const role = extractRole(scope, env, stacks, source);
  const { workerType, workers, timeoutMinutes } = env.sizes.glue;
  const extract = new GlueJob(scope, 'extract', {
    name: nameOf(env, 'extract'),
    description: 'Reads source tables over JDBC into the landing folder of a run',
    roleArn: role.arn,
    glueVersion,
    workerType,
    numberOfWorkers: workers,
    timeout: timeoutMinutes,
    maxRetries: 0,
    executionProperty: { maxConcurrentRuns: extractJob.concurrentRuns },
    connections: [connection.name],
    securityConfiguration: security.name,
    command: { name: 'glueetl', pythonVersion: '3', scriptLocation: `s3://${scripts}/${extractJob.script}` },
    // Each run gives the arguments of extractJob.arguments as well.
    defaultArguments: {
      '--job-language': 'python',
      '--job-bookmark-option': 'job-bookmark-disable',
      '--enable-metrics': 'true',
      '--extra-py-files': `s3://${scripts}/${extractJob.modules}`,
    },
  });
  return { extract, connection };
}

/** Puts a job's workers into the VPC; the password stays in the secret. */
function jdbcConnection(
  scope: Construct,
  env: Environment,
  { network }: IngestionDependencies,
  source: SourceDatabase,
): GlueConnection {
  return new GlueConnection(scope, 'jdbc-connection', {
    name: nameOf(env, 'olist'),
    connectionType: 'JDBC',
    connectionProperties: {
      JDBC_CONNECTION_URL: `jdbc:postgresql://${source.instance.address}:${source.port}/${source.database}`,
      JDBC_ENFORCE_SSL: 'true',
      SECRET_ID: source.secrets.reader.arn,
    },
    physicalConnectionRequirements: {
      availabilityZone: env.availabilityZones[0],
      subnetId: network.subnets.private[0],
      securityGroupIdList: [network.securityGroups.glue.id],
    },
  });
}

function extractRole(
  scope: Construct,
  env: Environment,
  { storage }: IngestionDependencies,
  source: SourceDatabase,
): IamRole {
  const { bronze, scripts } = storage.buckets;
  const { raw, operations, secrets } = storage.keys;
  return workloadRole(scope, 'glue-extract', {
    env,
    service: 'glue.amazonaws.com',
    description: 'Reads source databases, leaves files for the worker',
    statements: [
      ...readObjects(scripts, 'spark/'),
      decryptWith([operations.arn], ['s3'], env.region),
      ...readObjects(bronze, lakePrefixes.extracts),
      writeObjects(bronze, lakePrefixes.extracts),
      // Spark's committer moves files out of its temporary folder.
      deleteObjects(bronze, lakePrefixes.extracts),
      // EMRFS marks every folder that it makes with an object beside it, the outermost included.
      allow(['s3:PutObject'], [`${bronze.arn}/${lakePrefixes.extracts.slice(0, -1)}_$folder$`]),
      useKey([raw.arn], ['s3'], env.region),
      readSecrets([source.secrets.reader.arn]),
      decryptWith([secrets.arn], ['secretsmanager'], env.region),
      ...attachToVpc(env.region, env.account),
      allow(['ec2:CreateTags', 'ec2:DeleteTags'], [arnOf(env, 'ec2', 'network-interface/*')], {
        'ForAllValues:StringEquals': { 'aws:TagKeys': ['aws-glue-service-resource'] },
      }),
      allow(
        ['glue:GetConnection'],
        [arnOf(env, 'glue', 'catalog'), arnOf(env, 'glue', `connection/${nameOf(env, 'olist')}`)],
      ),
      allow(['glue:GetSecurityConfiguration'], ['*']),
      allow(['cloudwatch:PutMetricData'], ['*'], { StringEquals: { 'cloudwatch:namespace': 'Glue' } }),
      writeGlueLogs(env, glueLogGroups.jobs),
    ],
  });
}
