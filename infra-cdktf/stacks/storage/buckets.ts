import type { S3Bucket } from '@cdktf/provider-aws/lib/s3-bucket/index.js';
import type { S3BucketLifecycleConfigurationRule } from '@cdktf/provider-aws/lib/s3-bucket-lifecycle-configuration/index.js';
import type { Construct } from 'constructs';
import type { Environment } from '../../config/environment.ts';
import { accessLogDelivery, privateBucket } from '../../constructs/private-bucket.ts';
import { lakePrefixes } from '../../contract.ts';
import { bucketName, type BucketPurpose } from '../../names.ts';
import type { Keys } from './keys.ts';

export type Buckets = Readonly<Record<BucketPurpose, S3Bucket>>;

/** What a run has not taken after two weeks it never will: no step is retried for so long. */
const extractDays = 14;

export function buckets(scope: Construct, env: Environment, keys: Keys): Buckets {
  const logs = privateBucket(scope, 'logs', {
    env,
    name: bucketName(env, 'logs'),
    rules: [expire('access/', env.protection.logRetentionDays)],
    statements: [accessLogDelivery(env, bucketName(env, 'logs'))],
  });
  const bucket = (
    purpose: BucketPurpose,
    keyArn: string,
    rules: S3BucketLifecycleConfigurationRule[],
  ): S3Bucket =>
    privateBucket(scope, purpose, { env, name: bucketName(env, purpose), keyArn, rules, accessLogs: logs });
  return {
    logs,
    bronze: bucket('bronze', keys.raw.arn, [
      archive(lakePrefixes.tables),
      expire(lakePrefixes.extracts, extractDays),
      expire(lakePrefixes.exports, extractDays),
    ]),
    silver: bucket('silver', keys.curated.arn, [archive('silver/')]),
    gold: bucket('gold', keys.curated.arn, []),
    pages: bucket('pages', keys.curated.arn, []),
    scripts: bucket('scripts', keys.operations.arn, []),
    results: bucket('results', keys.curated.arn, [expire('', 14)]),
  };
}

/** Old partitions are rarely read: Intelligent-Tiering finds out by itself, without retrieval fees. */
function archive(prefix: string): S3BucketLifecycleConfigurationRule {
  return {
    id: 'tier',
    status: 'Enabled',
    filter: [{ prefix }],
    transition: [{ days: 30, storageClass: 'INTELLIGENT_TIERING' }],
  };
}

function expire(prefix: string, days: number): S3BucketLifecycleConfigurationRule {
  return {
    id: `expire-${prefix.replace('/', '') || 'all'}`,
    status: 'Enabled',
    filter: [{ prefix }],
    expiration: [{ days }],
  };
}
