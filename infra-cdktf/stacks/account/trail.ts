import { Cloudtrail } from '@cdktf/provider-aws/lib/cloudtrail/index.js';
import type { Construct } from 'constructs';
import type { Environment } from '../../config/environment.ts';
import { key } from '../../constructs/key.ts';
import { privateBucket } from '../../constructs/private-bucket.ts';
import type { Statement } from '../../constructs/policy-document.ts';
import { arnOf } from '../../names.ts';

const service = { Service: 'cloudtrail.amazonaws.com' };
const yearDays = 365;

/** Who did what in the account, in every region, in files that cannot be changed unnoticed. */
export function trail(scope: Construct, env: Environment): void {
  const name = `${env.project}-trail`;
  const bucketName = `${name}-${env.account}`;
  const fromTrail = { StringEquals: { 'aws:SourceArn': arnOf(env, 'cloudtrail', `trail/${name}`) } };
  const trailKey = key(scope, 'trail', {
    env,
    description: 'CloudTrail files',
    statements: [
      {
        Sid: 'Trail',
        Effect: 'Allow',
        Principal: service,
        Action: ['kms:GenerateDataKey*', 'kms:DescribeKey'],
        Resource: ['*'],
        Condition: fromTrail,
      },
    ],
  });
  const bucket = privateBucket(scope, 'trail', {
    env,
    name: bucketName,
    keyArn: trailKey.arn,
    rules: [{ id: 'expire', status: 'Enabled', filter: [{ prefix: '' }], expiration: [{ days: yearDays }] }],
    statements: [
      allowTrail(['s3:GetBucketAcl'], `arn:aws:s3:::${bucketName}`),
      allowTrail(['s3:PutObject'], `arn:aws:s3:::${bucketName}/AWSLogs/${env.account}/*`),
    ],
  });
  new Cloudtrail(scope, 'cloudtrail', {
    name,
    s3BucketName: bucket.bucket,
    kmsKeyId: trailKey.arn,
    isMultiRegionTrail: true,
    includeGlobalServiceEvents: true,
    enableLogFileValidation: true,
  });

  function allowTrail(Action: string[], resource: string): Statement {
    return { Effect: 'Allow', Principal: service, Action, Resource: [resource], Condition: fromTrail };
  }
}
