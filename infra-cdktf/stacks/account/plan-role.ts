import { IamPolicy } from '@cdktf/provider-aws/lib/iam-policy/index.js';
import { IamRole } from '@cdktf/provider-aws/lib/iam-role/index.js';
import { IamRolePolicyAttachment } from '@cdktf/provider-aws/lib/iam-role-policy-attachment/index.js';
import type { Construct } from 'constructs';
import type { Environment } from '../../config/environment.ts';
import { allow, policyDocument, type Statement } from '../../constructs/policy-document.ts';
import { nameOf } from '../../names.ts';
import { githubTrust } from './github-trust.ts';
import { readState } from './state-access.ts';

/** For plans on pull requests and the nightly drift check: sees how everything is configured, but no data and no secret. */
export function planRole(scope: Construct, env: Environment, providerArn: string): void {
  const id = `plan-${env.name}`;
  const name = nameOf(env, 'plan');
  const role = new IamRole(scope, id, {
    name,
    description: `Plans of ${env.name} by CI`,
    assumeRolePolicy: githubTrust(env, providerArn, [
      'pull_request',
      `ref:refs/heads/${env.repository.branch}`,
    ]),
  });
  const policy = new IamPolicy(scope, `${id}-policy`, {
    name,
    policy: policyDocument([readConfiguration(env), ...readState(env)]),
  });
  new IamRolePolicyAttachment(scope, `${id}-attachment`, { role: role.name, policyArn: policy.arn });
}

/** What the provider calls to refresh. `s3:GetObject` and `secretsmanager:GetSecretValue` are not among it. */
const reads = [
  'application-autoscaling:Describe*',
  'application-autoscaling:ListTagsForResource',
  'athena:GetWorkGroup',
  'athena:ListTagsForResource',
  'budgets:ViewBudget',
  'budgets:ListTagsForResource',
  'cloudwatch:Describe*',
  'cloudwatch:GetDashboard',
  'cloudwatch:ListTagsForResource',
  'dms:Describe*',
  'dms:ListTagsForResource',
  'ec2:Describe*',
  'ecr:DescribeRepositories',
  'ecr:GetLifecyclePolicy',
  'ecr:GetRepositoryPolicy',
  'ecr:ListTagsForResource',
  'ecs:Describe*',
  'ecs:ListTagsForResource',
  'emr-serverless:GetApplication',
  'emr-serverless:ListTagsForResource',
  'events:Describe*',
  'events:List*',
  'glue:GetConnection',
  'glue:GetCrawler',
  'glue:GetDatabase',
  'glue:GetJob',
  'glue:GetSecurityConfiguration',
  'glue:GetTags',
  'iam:GetRole',
  'iam:GetRolePolicy',
  'iam:List*',
  'kms:DescribeKey',
  'kms:GetKeyPolicy',
  'kms:GetKeyRotationStatus',
  'kms:List*',
  'lambda:GetFunction*',
  'lambda:GetPolicy',
  'lambda:List*',
  'logs:Describe*',
  'logs:ListTagsForResource',
  'quicksight:DescribeDataSource',
  'quicksight:DescribeDataSourcePermissions',
  'quicksight:ListTagsForResource',
  'rds:Describe*',
  'rds:ListTagsForResource',
  'redshift-data:DescribeStatement',
  'redshift-serverless:Get*',
  'redshift-serverless:ListTagsForResource',
  'route53:Get*',
  'route53:ListTagsForResource',
  's3:GetAccelerateConfiguration',
  's3:GetBucket*',
  's3:GetEncryptionConfiguration',
  's3:GetLifecycleConfiguration',
  's3:GetReplicationConfiguration',
  's3:ListBucket',
  'secretsmanager:DescribeSecret',
  'secretsmanager:GetResourcePolicy',
  'servicediscovery:Get*',
  'servicediscovery:ListTagsForResource',
  'sns:Get*',
  'sns:ListTagsForResource',
  'sqs:GetQueueAttributes',
  'sqs:ListQueueTags',
  'ssm:DescribeParameters',
  'ssm:GetParameter',
  'ssm:GetParameters',
  'ssm:ListTagsForResource',
];

function readConfiguration(env: Environment): Statement {
  return allow(reads, ['*'], { StringEquals: { 'aws:RequestedRegion': [env.region, 'us-east-1'] } });
}
