export interface Suppression {
  readonly rule: string;
  /** `<stack>/<type>.<id>`; one that hides nothing fails the tests. */
  readonly resource: string;
  readonly reason: string;
}

const sendsNoSource =
  'the service sends no source account when it assumes the role; PassRole guards it, which does not work across accounts';

export const suppressions: readonly Suppression[] = [
  ...['storage/aws_s3_bucket.logs', 'account/aws_s3_bucket.trail-access'].map((resource) => ({
    rule: 'bucket-key',
    resource,
    reason: 'S3 delivers access logs to SSE-S3 only',
  })),
  ...[
    'control-database/aws_iam_role.provision-role',
    'control-database/aws_iam_role.rotate-secret-role',
    'ingestion/aws_iam_role.database-authority-role',
    'ingestion/aws_iam_role.populate-mysql-role',
    'ingestion/aws_iam_role.start-pipeline-role',
    'orchestration/aws_iam_role.run-task-role',
    'ingestion/aws_iam_role.dms-secrets-role',
    'warehouse/aws_iam_role.redshift-copy-role',
    'warehouse/aws_iam_role.redshift-spectrum-role',
  ].map((resource) => ({ rule: 'iam-trust', resource, reason: sendsNoSource })),
  ...['dev', 'staging', 'production'].flatMap((env) => [
    {
      rule: 'iam-pass-role',
      resource: `account/aws_iam_policy.deploy-${env}-identity`,
      reason: 'makes the roles that it passes: bounded by name prefix and services, its own role is denied',
    },
    {
      rule: 'iam-pass-role',
      resource: `account/aws_iam_policy.boundary-${env}`,
      reason: 'grants nothing: workloads pass the roles that their own policies name, and never those of CI',
    },
  ]),
];
