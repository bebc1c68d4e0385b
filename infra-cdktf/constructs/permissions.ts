import { allow, type Statement } from './policy-document.ts';

/** Grants that several workloads need, narrowed to what they name. */

interface Bucket {
  readonly arn: string;
}

export function readObjects(bucket: Bucket, prefix = ''): Statement[] {
  return [
    allow(['s3:GetObject'], [`${bucket.arn}/${prefix}*`]),
    allow(['s3:ListBucket', 's3:GetBucketLocation'], [bucket.arn]),
  ];
}

export function writeObjects(bucket: Bucket, prefix = ''): Statement {
  return allow(
    ['s3:PutObject', 's3:AbortMultipartUpload', 's3:ListMultipartUploadParts'],
    [`${bucket.arn}/${prefix}*`],
  );
}

export function deleteObjects(bucket: Bucket, prefix = ''): Statement {
  return allow(['s3:DeleteObject'], [`${bucket.arn}/${prefix}*`]);
}

/** The key, but only through the service that it is used for. */
export function useKey(keyArns: readonly string[], services: readonly string[], region: string): Statement {
  return allow(['kms:Decrypt', 'kms:GenerateDataKey'], keyArns, {
    StringEquals: { 'kms:ViaService': services.map((service) => `${service}.${region}.amazonaws.com`) },
  });
}

export function decryptWith(
  keyArns: readonly string[],
  services: readonly string[],
  region: string,
): Statement {
  return allow(['kms:Decrypt'], keyArns, {
    StringEquals: { 'kms:ViaService': services.map((service) => `${service}.${region}.amazonaws.com`) },
  });
}

export function readSecrets(secretArns: readonly string[]): Statement {
  return allow(['secretsmanager:GetSecretValue', 'secretsmanager:DescribeSecret'], secretArns);
}

export function writeLogs(logGroupArns: readonly string[]): Statement {
  return allow(
    ['logs:CreateLogStream', 'logs:PutLogEvents'],
    logGroupArns.map((arn) => `${arn}:*`),
  );
}

/** What a function or a job in the VPC does with its network interfaces. */
export function attachToVpc(region: string, account: string): Statement[] {
  return [
    allow(
      [
        'ec2:CreateNetworkInterface',
        'ec2:DeleteNetworkInterface',
        'ec2:AssignPrivateIpAddresses',
        'ec2:UnassignPrivateIpAddresses',
      ],
      [`arn:aws:ec2:${region}:${account}:*/*`],
    ),
    // The Describe actions have no resource type.
    allow(
      [
        'ec2:DescribeNetworkInterfaces',
        'ec2:DescribeSubnets',
        'ec2:DescribeSecurityGroups',
        'ec2:DescribeVpcs',
        'ec2:DescribeVpcEndpoints',
        'ec2:DescribeRouteTables',
      ],
      ['*'],
    ),
  ];
}
