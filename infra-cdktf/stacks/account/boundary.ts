import { IamPolicy } from '@cdktf/provider-aws/lib/iam-policy/index.js';
import type { Construct } from 'constructs';
import type { Environment } from '../../config/environment.ts';
import { allow, policyDocument, type Statement } from '../../constructs/policy-document.ts';
import { arnOf, catalogName, nameOf, parameterName, roleArn } from '../../names.ts';
import { glueLogGroups } from '../ingestion/glue-logs.ts';

/**
 * The most that a role of a workload may do, whatever its policies say: data, keys and messages of its own environment, no identities.
 * Without it whoever may deploy could make a role with every permission and hand it to a function. CI can neither change nor leave it.
 */
export function boundary(scope: Construct, env: Environment): void {
  if (env.permissionsBoundary !== undefined) return;
  new IamPolicy(scope, `boundary-${env.name}`, {
    name: nameOf(env, 'boundary'),
    description: `Bounds the workloads of ${env.name}`,
    policy: policyDocument(boundaryStatements(env)),
  });
}

export function boundaryStatements(env: Environment): Statement[] {
  const own = nameOf(env, '*');
  const at = (service: string, ...parts: string[]): string[] =>
    parts.map((part) => arnOf(env, service, part));
  const ownTag = { StringEquals: { 'aws:ResourceTag/Environment': env.name } };
  return [
    allow(
      [
        's3:GetObject*',
        's3:PutObject',
        's3:DeleteObject',
        's3:AbortMultipartUpload',
        's3:List*',
        's3:GetBucketLocation',
      ],
      [`arn:aws:s3:::${own}`],
    ),
    allow(
      ['kms:Decrypt', 'kms:Encrypt', 'kms:GenerateDataKey', 'kms:DescribeKey'],
      at('kms', 'key/*'),
      ownTag,
    ),
    allow(
      [
        'secretsmanager:GetSecretValue',
        'secretsmanager:DescribeSecret',
        'secretsmanager:PutSecretValue',
        'secretsmanager:UpdateSecretVersionStage',
      ],
      at('secretsmanager', `secret:${parameterName(env, '*').slice(1)}`, 'secret:rds!*', 'secret:redshift!*'),
    ),
    allow(['secretsmanager:GetRandomPassword'], ['*']),
    allow(['ssm:GetParameter'], at('ssm', `parameter${parameterName(env, '*')}`)),
    allow(['ssmmessages:Create*', 'ssmmessages:Open*'], ['*']),
    allow(
      [
        'logs:CreateLogGroup',
        'logs:CreateLogStream',
        'logs:DescribeLogStreams',
        'logs:PutLogEvents',
        'logs:GetLogEvents',
      ],
      [
        ...at(
          'logs',
          `log-group:${parameterName(env, '*')}`,
          `log-group:/aws/lambda/${own}`,
          'log-group:RDSOSMetrics*',
        ),
        ...Object.values(glueLogGroups).flatMap((groups) =>
          groups.map((group) => `${arnOf(env, 'logs', `log-group:${group}`)}*`),
        ),
      ],
    ),
    allow(['logs:DescribeLogGroups'], ['*']),
    allow(['cloudwatch:PutMetricData'], ['*']),
    allow(['sns:Publish'], at('sns', own)),
    allow(
      [
        'sqs:SendMessage',
        'sqs:ReceiveMessage',
        'sqs:DeleteMessage',
        'sqs:GetQueueAttributes',
        'sqs:ChangeMessageVisibility',
      ],
      at('sqs', own),
    ),
    allow(
      ['redshift-data:ExecuteStatement', 'redshift-data:BatchExecuteStatement'],
      at('redshift-serverless', 'workgroup/*'),
    ),
    allow(
      [
        'redshift-data:CancelStatement',
        'redshift-data:DescribeStatement',
        'redshift-data:GetStatementResult',
      ],
      ['*'],
    ),
    allow(
      [
        'glue:Get*',
        'glue:BatchGet*',
        'glue:Batch*Partition',
        'glue:Create*',
        'glue:Update*',
        'glue:Delete*',
        'glue:StartJobRun',
        'glue:BatchStopJobRun',
        'glue:StartCrawler',
      ],
      [
        ...at('glue', 'catalog', `job/${own}`, `crawler/${own}`, `connection/${own}`, 'database/default'),
        ...['database', 'table', 'userDefinedFunction'].map((kind) =>
          arnOf(env, 'glue', `${kind}/${catalogName(env, '*')}`),
        ),
      ],
    ),
    allow(['glue:GetSecurityConfiguration'], ['*']),
    allow(
      ['athena:*Get*', 'athena:ListQueryExecutions', 'athena:St*QueryExecution'],
      at('athena', `workgroup/${own}`),
    ),
    allow(
      [
        'ec2:CreateNetworkInterface',
        'ec2:DeleteNetworkInterface',
        'ec2:AssignPrivateIpAddresses',
        'ec2:UnassignPrivateIpAddresses',
        'ec2:CreateTags',
        'ec2:DeleteTags',
      ],
      at('ec2', '*/*'),
    ),
    allow(['ec2:Describe*', 'ecr:GetAuthorizationToken'], ['*']),
    allow(['ecr:Batch*', 'ecr:GetDownloadUrlForLayer'], at('ecr', `repository/${own}`)),
    allow(
      ['ecs:RegisterTaskDefinition', 'ecs:RunTask', 'ecs:StopTask', 'ecs:DescribeTasks'],
      at('ecs', `task-definition/${own}`, `task/${own}`),
    ),
    allow(['ecs:DescribeTaskDefinition', 'ecs:ListTasks'], ['*']),
    allow(['ecs:UpdateService'], at('ecs', `service/${own}`)),
    allow(['dms:AddTagsToResource', 'dms:DeleteCertificate', 'dms:ImportCertificate'], at('dms', 'cert:*')),
    allow(['dms:DescribeCertificates'], ['*']),
    allow(['iam:PassRole'], [roleArn(env, own)], {
      StringEquals: { 'iam:PassedToService': ['ecs-tasks.amazonaws.com', 'emr-serverless.amazonaws.com'] },
    }),
    {
      Effect: 'Deny',
      Action: ['iam:PassRole', 'sts:AssumeRole'],
      Resource: [roleArn(env, nameOf(env, 'deploy')), roleArn(env, nameOf(env, 'plan'))],
    },
  ];
}
