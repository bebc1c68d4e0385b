import type { IamRole } from '@cdktf/provider-aws/lib/iam-role/index.js';
import type { Construct } from 'constructs';
import type { Environment } from '../../config/environment.ts';
import { deleteObjects, readObjects, useKey, writeLogs, writeObjects } from '../../constructs/permissions.ts';
import { allow } from '../../constructs/policy-document.ts';
import { workloadRole } from '../../constructs/workload-role.ts';
import { arnOf, catalogName, layers } from '../../names.ts';
import { readCatalog, writeCatalog } from '../ingestion/catalog.ts';
import type { StorageStack } from '../storage/index.ts';

/** Reads bronze, owns silver and gold. */
export function jobRole(
  scope: Construct,
  env: Environment,
  storage: StorageStack,
  logGroupArn: string,
): IamRole {
  const { bronze, silver, gold, scripts } = storage.buckets;
  const { raw, curated, operations } = storage.keys;
  return workloadRole(scope, 'emr-job', {
    env,
    service: 'emr-serverless.amazonaws.com',
    description: 'Spark jobs from bronze to silver and gold',
    trust: { ArnLike: { 'aws:SourceArn': arnOf(env, 'emr-serverless', '/applications/*') } },
    statements: [
      ...readObjects(scripts, 'spark/'),
      ...readObjects(bronze),
      ...[silver, gold].flatMap((bucket) => [
        ...readObjects(bucket),
        writeObjects(bucket),
        deleteObjects(bucket),
      ]),
      useKey([raw.arn, curated.arn, operations.arn], ['s3'], env.region),
      readCatalog(env, layers),
      writeCatalog(env, ['silver', 'gold']),
      // Spark's catalog looks for the database `default` and for functions before it does anything.
      allow(
        ['glue:GetDatabase', 'glue:GetUserDefinedFunctions'],
        [
          'catalog',
          'database/default',
          ...layers.flatMap((layer) => functionsOf(catalogName(env, layer))),
        ].map((part) => arnOf(env, 'glue', part)),
      ),
      writeLogs([logGroupArn]),
      allow(['logs:DescribeLogStreams'], [logGroupArn, `${logGroupArn}:*`]),
      allow(['logs:DescribeLogGroups'], ['*']),
    ],
  });
}

function functionsOf(database: string): string[] {
  return [`database/${database}`, `userDefinedFunction/${database}/*`];
}
