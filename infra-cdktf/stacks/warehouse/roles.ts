import type { IamRole } from '@cdktf/provider-aws/lib/iam-role/index.js';
import type { Construct } from 'constructs';
import type { Environment } from '../../config/environment.ts';
import { decryptWith, readObjects } from '../../constructs/permissions.ts';
import { workloadRole } from '../../constructs/workload-role.ts';
import { lakePrefixes } from '../../contract.ts';
import { readCatalog } from '../ingestion/catalog.ts';
import type { StorageStack } from '../storage/index.ts';

const service = ['redshift.amazonaws.com', 'redshift-serverless.amazonaws.com'];

/** COPY from bronze; nothing else. */
export function copyRole(scope: Construct, env: Environment, { buckets, keys }: StorageStack): IamRole {
  return workloadRole(scope, 'redshift-copy', {
    env,
    service,
    sourceAccount: false,
    description: 'COPY from bronze',
    statements: [
      ...readObjects(buckets.bronze, lakePrefixes.tables),
      decryptWith([keys.raw.arn], ['s3'], env.region),
    ],
  });
}

/** External schemas over silver and gold. */
export function spectrumRole(scope: Construct, env: Environment, { buckets, keys }: StorageStack): IamRole {
  return workloadRole(scope, 'redshift-spectrum', {
    env,
    service,
    sourceAccount: false,
    description: 'External schemas over silver and gold',
    statements: [
      ...readObjects(buckets.silver),
      ...readObjects(buckets.gold),
      decryptWith([keys.curated.arn], ['s3'], env.region),
      readCatalog(env, ['silver', 'gold']),
    ],
  });
}
