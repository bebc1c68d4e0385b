import type { Environment } from '../../config/environment.ts';
import { allow, type Statement } from '../../constructs/policy-document.ts';
import { arnOf, boundaryArn, nameOf, roleArn } from '../../names.ts';

const passedTo = [
  'ecs-tasks.amazonaws.com',
  'lambda.amazonaws.com',
  'glue.amazonaws.com',
  'dms.amazonaws.com',
  'rds.amazonaws.com',
  'redshift.amazonaws.com',
  'redshift-serverless.amazonaws.com',
  'vpc-flow-logs.amazonaws.com',
  'monitoring.rds.amazonaws.com',
];
/** For services that make their role on first use. */
const serviceLinked = [
  'ecs',
  'rds',
  'redshift',
  'ops.emr-serverless',
  'ecs.application-autoscaling',
  'application-autoscaling',
];

/** Writes to a role, each of which could widen it. */
const widening = [
  'iam:CreateRole',
  'iam:DeleteRolePolicy',
  'iam:PutRolePermissionsBoundary',
  'iam:PutRolePolicy',
];
const changing = [
  'iam:DeleteRole',
  'iam:TagRole',
  'iam:UntagRole',
  'iam:UpdateAssumeRolePolicy',
  'iam:UpdateRole',
];

/** Roles of this environment, within the boundary; and its keys. */
export function identityStatements(env: Environment): Statement[] {
  const roles = [roleArn(env, nameOf(env, '*'))];
  const keys = [arnOf(env, 'kms', 'key/*')];
  const aliases = [arnOf(env, 'kms', `alias/${nameOf(env, '*')}`)];
  const own = { 'aws:ResourceTag/Environment': env.name };
  return [
    allow(widening, roles, { StringEquals: { 'iam:PermissionsBoundary': boundaryArn(env) } }),
    allow(
      [
        ...changing,
        'iam:GetRole',
        'iam:GetRolePolicy',
        'iam:ListAttachedRolePolicies',
        'iam:ListInstanceProfilesForRole',
        'iam:ListRolePolicies',
      ],
      roles,
    ),
    allow(['iam:PassRole'], roles, {
      StringEquals: { 'iam:PassedToService': [...passedTo, `dms.${env.region}.amazonaws.com`] },
    }),
    // The roles of CI have no boundary: none of them may be changed or handed to a workload.
    {
      Effect: 'Deny',
      Action: [...widening, ...changing, 'iam:AttachRolePolicy', 'iam:PassRole'],
      Resource: [roleArn(env, nameOf(env, 'deploy')), roleArn(env, nameOf(env, 'plan'))],
    },
    allow(['iam:CreateServiceLinkedRole'], [`arn:aws:iam::${env.account}:role/aws-service-role/*`], {
      StringEquals: { 'iam:AWSServiceName': serviceLinked.map((service) => `${service}.amazonaws.com`) },
    }),
    allow(['kms:CreateKey'], ['*'], { StringEquals: { 'aws:RequestTag/Environment': env.name } }),
    allow(['kms:ListAliases'], ['*']),
    allow(
      [
        'kms:CreateAlias',
        'kms:DeleteAlias',
        'kms:DescribeKey',
        'kms:EnableKeyRotation',
        'kms:GetKeyPolicy',
        'kms:GetKeyRotationStatus',
        'kms:ListResourceTags',
        'kms:PutKeyPolicy',
        'kms:ScheduleKeyDeletion',
        'kms:UntagResource',
        'kms:UpdateAlias',
        'kms:UpdateKeyDescription',
      ],
      keys,
      { StringEquals: own },
    ),
    // A new key has no tag yet; a key of another environment has one.
    allow(['kms:TagResource'], keys, {
      StringEqualsIfExists: { ...own, 'aws:RequestTag/Environment': env.name },
    }),
    allow(['kms:CreateAlias', 'kms:DeleteAlias', 'kms:UpdateAlias'], aliases),
    // Services encrypt in the name of whoever creates their resources.
    allow(['kms:CreateGrant', 'kms:Decrypt', 'kms:Encrypt', 'kms:GenerateDataKey', 'kms:RetireGrant'], keys, {
      StringEquals: own,
      StringLike: { 'kms:ViaService': `*.${env.region}.amazonaws.com` },
    }),
  ];
}
