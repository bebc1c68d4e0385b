import { Cloudtrail } from '@cdktf/provider-aws/lib/cloudtrail/index.js';
import { CloudwatchLogGroup } from '@cdktf/provider-aws/lib/cloudwatch-log-group/index.js';
import { IamRole } from '@cdktf/provider-aws/lib/iam-role/index.js';
import { IamRolePolicy } from '@cdktf/provider-aws/lib/iam-role-policy/index.js';
import type { Construct } from 'constructs';
import type { Environment } from '../../config/environment.ts';
import { key, usedByLogs } from '../../constructs/key.ts';
import { writeLogs } from '../../constructs/permissions.ts';
import { accessLogDelivery, privateBucket } from '../../constructs/private-bucket.ts';
import { policyDocument, type Statement } from '../../constructs/policy-document.ts';
import { arnOf } from '../../names.ts';

const service = { Service: 'cloudtrail.amazonaws.com' };
const yearDays = 365;

/** Who did what in the account, in every region, in files that cannot be changed unnoticed. */
export function trail(scope: Construct, env: Environment, logRetentionDays: number): void {
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
      usedByLogs(env.region, env.account),
    ],
  });
  const accessLogs = privateBucket(scope, 'trail-access', {
    env,
    name: `${name}-access-${env.account}`,
    rules: [{ id: 'expire', status: 'Enabled', filter: [{ prefix: '' }], expiration: [{ days: yearDays }] }],
    statements: [accessLogDelivery(env, `${name}-access-${env.account}`)],
  });
  const bucket = privateBucket(scope, 'trail', {
    env,
    name: bucketName,
    keyArn: trailKey.arn,
    accessLogs,
    rules: [{ id: 'expire', status: 'Enabled', filter: [{ prefix: '' }], expiration: [{ days: yearDays }] }],
    statements: [
      allowTrail(['s3:GetBucketAcl'], `arn:aws:s3:::${bucketName}`),
      allowTrail(['s3:PutObject'], `arn:aws:s3:::${bucketName}/AWSLogs/${env.account}/*`),
    ],
  });
  const logs = new CloudwatchLogGroup(scope, 'trail-logs', {
    name: `/${env.project}/trail`,
    kmsKeyId: trailKey.arn,
    retentionInDays: logRetentionDays,
  });
  const delivery = new IamRole(scope, 'trail-role', {
    name,
    description: 'Delivers CloudTrail to CloudWatch',
    assumeRolePolicy: policyDocument([
      { Effect: 'Allow', Principal: service, Action: ['sts:AssumeRole'], Condition: fromTrail },
    ]),
  });
  const writes = new IamRolePolicy(scope, 'trail-role-policy', {
    name: 'deliver',
    role: delivery.name,
    policy: policyDocument([writeLogs([logs.arn])]),
  });
  new Cloudtrail(scope, 'cloudtrail', {
    name,
    s3BucketName: bucket.bucket,
    kmsKeyId: trailKey.arn,
    isMultiRegionTrail: true,
    includeGlobalServiceEvents: true,
    enableLogFileValidation: true,
    cloudWatchLogsGroupArn: `${logs.arn}:*`,
    cloudWatchLogsRoleArn: delivery.arn,
    dependsOn: [writes],
  });

  function allowTrail(Action: string[], resource: string): Statement {
    return { Effect: 'Allow', Principal: service, Action, Resource: [resource], Condition: fromTrail };
  }
}
