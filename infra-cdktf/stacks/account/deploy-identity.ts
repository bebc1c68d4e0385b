import type { Environment } from '../../config/environment.ts';
import { allow, type Conditions, type Statement } from '../../constructs/policy-document.ts';
import { arnOf, nameOf, roleArn } from '../../names.ts';

const passedTo = [
  'ecs-tasks.amazonaws.com',
  'lambda.amazonaws.com',
  'glue.amazonaws.com',
  'dms.amazonaws.com',
  'rds.amazonaws.com',
  'redshift.amazonaws.com',
  'redshift-serverless.amazonaws.com',
  'vpc-flow-logs.amazonaws.com',
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

/** Roles of this environment, within the boundary if there is one; and its keys. */
export function identityStatements(env: Environment): Statement[] {
  const roles = [roleArn(env, nameOf(env, '*'))];
  const bounded: Conditions | undefined =
    env.permissionsBoundary === undefined
      ? undefined
      : { StringEquals: { 'iam:PermissionsBoundary': env.permissionsBoundary } };
  return [
    allow(
      [
        'iam:CreateRole',
        'iam:PutRolePolicy',
        'iam:DeleteRolePolicy',
        'iam:AttachRolePolicy',
        'iam:DetachRolePolicy',
      ],
      roles,
      bounded,
    ),
    allow(
      [
        'iam:GetRole',
        'iam:GetRolePolicy',
        'iam:DeleteRole',
        'iam:UpdateRole',
        'iam:UpdateAssumeRolePolicy',
        'iam:TagRole',
        'iam:ListRolePolicies',
        'iam:ListAttachedRolePolicies',
        'iam:ListInstanceProfilesForRole',
      ],
      roles,
    ),
    allow(['iam:PassRole'], roles, {
      StringEquals: { 'iam:PassedToService': [...passedTo, `dms.${env.region}.amazonaws.com`] },
    }),
    // The role of CI must not widen itself.
    {
      Effect: 'Deny',
      Action: [
        'iam:PutRolePolicy',
        'iam:AttachRolePolicy',
        'iam:DetachRolePolicy',
        'iam:DeleteRolePolicy',
        'iam:UpdateAssumeRolePolicy',
        'iam:DeleteRole',
        'iam:PassRole',
      ],
      Resource: [roleArn(env, nameOf(env, 'deploy')), roleArn(env, nameOf(env, 'plan'))],
    },
    allow(['iam:CreateServiceLinkedRole'], [`arn:aws:iam::${env.account}:role/aws-service-role/*`], {
      StringEquals: { 'iam:AWSServiceName': serviceLinked.map((service) => `${service}.amazonaws.com`) },
    }),
    allow(['kms:CreateKey', 'kms:ListAliases'], ['*']),
    allow(
      [
        'kms:DescribeKey',
        'kms:GetKey*',
        'kms:ListResourceTags',
        'kms:PutKeyPolicy',
        'kms:EnableKeyRotation',
        'kms:ScheduleKeyDeletion',
        'kms:TagResource',
        'kms:CreateAlias',
        'kms:DeleteAlias',
        'kms:UpdateAlias',
        'kms:UpdateKeyDescription',
      ],
      [arnOf(env, 'kms', 'key/*'), arnOf(env, 'kms', `alias/${nameOf(env, '*')}`)],
    ),
    // Services encrypt in the name of whoever creates their resources.
    allow(['kms:CreateGrant', 'kms:Decrypt', 'kms:GenerateDataKey'], [arnOf(env, 'kms', 'key/*')], {
      StringLike: { 'kms:ViaService': `*.${env.region}.amazonaws.com` },
    }),
  ];
}
