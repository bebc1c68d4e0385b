import { S3Bucket } from '@cdktf/provider-aws/lib/s3-bucket/index.js';
import {
  S3BucketLifecycleConfiguration,
  type S3BucketLifecycleConfigurationRule,
} from '@cdktf/provider-aws/lib/s3-bucket-lifecycle-configuration/index.js';
import { S3BucketLoggingA } from '@cdktf/provider-aws/lib/s3-bucket-logging/index.js';
import { S3BucketOwnershipControls } from '@cdktf/provider-aws/lib/s3-bucket-ownership-controls/index.js';
import { S3BucketPolicy } from '@cdktf/provider-aws/lib/s3-bucket-policy/index.js';
import { S3BucketPublicAccessBlock } from '@cdktf/provider-aws/lib/s3-bucket-public-access-block/index.js';
import { S3BucketServerSideEncryptionConfigurationA } from '@cdktf/provider-aws/lib/s3-bucket-server-side-encryption-configuration/index.js';
import { S3BucketVersioningA } from '@cdktf/provider-aws/lib/s3-bucket-versioning/index.js';
import type { Construct } from 'constructs';
import type { Environment } from '../config/environment.ts';
import { policyDocument, type Statement } from './policy-document.ts';

export interface PrivateBucketProps {
  readonly env: Environment;
  readonly name: string;
  /** Absent: SSE-S3, which is all that S3 access logs can be written with. */
  readonly keyArn?: string;
  /** Beside the clean-up of unfinished uploads and old versions that every bucket has. */
  readonly rules?: readonly S3BucketLifecycleConfigurationRule[];
  readonly accessLogs?: S3Bucket;
  readonly statements?: readonly Statement[];
}

/** A versioned, encrypted, TLS-only bucket that belongs to its owner and is open to nobody. */
export function privateBucket(scope: Construct, id: string, props: PrivateBucketProps): S3Bucket {
  const { deletionProtection } = props.env.protection;
  const bucket = new S3Bucket(scope, id, {
    bucket: props.name,
    forceDestroy: !deletionProtection,
    lifecycle: { preventDestroy: deletionProtection },
  });
  new S3BucketPublicAccessBlock(scope, `${id}-public-access`, {
    bucket: bucket.id,
    blockPublicAcls: true,
    blockPublicPolicy: true,
    ignorePublicAcls: true,
    restrictPublicBuckets: true,
  });
  new S3BucketOwnershipControls(scope, `${id}-ownership`, {
    bucket: bucket.id,
    rule: { objectOwnership: 'BucketOwnerEnforced' },
  });
  new S3BucketServerSideEncryptionConfigurationA(scope, `${id}-encryption`, {
    bucket: bucket.id,
    rule: [
      {
        bucketKeyEnabled: props.keyArn !== undefined,
        applyServerSideEncryptionByDefault: encryption(props.keyArn),
      },
    ],
  });
  const versioning = new S3BucketVersioningA(scope, `${id}-versioning`, {
    bucket: bucket.id,
    versioningConfiguration: { status: 'Enabled' },
  });
  new S3BucketLifecycleConfiguration(scope, `${id}-lifecycle`, {
    bucket: bucket.id,
    rule: [cleanUp(props.env), ...(props.rules ?? [])],
    dependsOn: [versioning],
  });
  new S3BucketPolicy(scope, `${id}-policy`, {
    bucket: bucket.id,
    policy: policyDocument([tlsOnly(bucket), ...(props.statements ?? [])]),
  });
  if (props.accessLogs) {
    new S3BucketLoggingA(scope, `${id}-logging`, {
      bucket: bucket.id,
      targetBucket: props.accessLogs.id,
      targetPrefix: `access/${id}/`,
    });
  }
  return bucket;
}

function encryption(keyArn: string | undefined): { sseAlgorithm: string; kmsMasterKeyId?: string } {
  return keyArn === undefined
    ? { sseAlgorithm: 'AES256' }
    : { sseAlgorithm: 'aws:kms', kmsMasterKeyId: keyArn };
}

function cleanUp(env: Environment): S3BucketLifecycleConfigurationRule {
  return {
    id: 'clean-up',
    status: 'Enabled',
    filter: [{ prefix: '' }],
    abortIncompleteMultipartUpload: [{ daysAfterInitiation: 3 }],
    noncurrentVersionExpiration: [{ noncurrentDays: env.protection.objectRetentionDays }],
  };
}

function tlsOnly(bucket: S3Bucket): Statement {
  return {
    Sid: 'TlsOnly',
    Effect: 'Deny',
    Principal: '*',
    Action: ['s3:*'],
    Resource: [bucket.arn, `${bucket.arn}/*`],
    Condition: { Bool: { 'aws:SecureTransport': 'false' } },
  };
}

/** Lets S3 put access logs of this account's buckets into a bucket; each bucket has its own folder. */
export function accessLogDelivery(env: Environment, bucket: string): Statement {
  return {
    Sid: 'AccessLogs',
    Effect: 'Allow',
    Principal: { Service: 'logging.s3.amazonaws.com' },
    Action: ['s3:PutObject'],
    Resource: [`arn:aws:s3:::${bucket}/access/*`],
    Condition: { StringEquals: { 'aws:SourceAccount': env.account } },
  };
}
