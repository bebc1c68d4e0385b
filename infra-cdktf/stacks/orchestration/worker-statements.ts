import type { IamRole } from '@cdktf/provider-aws/lib/iam-role/index.js';
import { IamRolePolicy } from '@cdktf/provider-aws/lib/iam-role-policy/index.js';
import type { Construct } from 'constructs';
import type { Environment } from '../../config/environment.ts';
import { decryptWith, useKey } from '../../constructs/permissions.ts';
import { allow, policyDocument, type Statement } from '../../constructs/policy-document.ts';
import { extractJob, lakePrefixes, metrics, pagesPrefix } from '../../contract.ts';
import { arnOf, parameterName } from '../../names.ts';
import type { ContainerTasks } from './container-tasks.ts';
import type { OrchestrationDependencies } from './dependencies.ts';

/** What the worker may do: what connectors/aws/permissions.ts says that its adapters need, and nothing else. */
export function workerStatements(
  env: Environment,
  stacks: OrchestrationDependencies,
  tasks: ContainerTasks,
): Statement[] {
  return [
    ...lake(env, stacks),
    ...jobs(env, stacks),
    allow(
      ['redshift-data:ExecuteStatement', 'redshift-data:BatchExecuteStatement'],
      [stacks.warehouse.workgroup.arn],
    ),
    ...secretStatements(env, stacks),
    ...containers(env, tasks),
    ...publishing(env, stacks),
    ...reports(env, stacks),
  ];
}

/**
 * Looking at a statement and ending it, which has no ARN. By owner, and the owner is a session of the role: a task must find what the
 * one before it has sent, or a load that was under way when a worker died could not be settled.
 */
export function ownStatements(scope: Construct, role: IamRole): void {
  const actions = ['DescribeStatement', 'GetStatementResult', 'CancelStatement'];
  new IamRolePolicy(scope, 'worker-own-statements', {
    name: 'own-statements',
    role: role.name,
    policy: policyDocument([
      allow(
        actions.map((action) => `redshift-data:${action}`),
        ['*'],
        { StringLike: { 'redshift-data:statement-owner-iam-userid': `${role.uniqueId}:*` } },
      ),
    ]),
  });
}

/** Writes loads, and takes over what jobs and databases leave. */
function lake(env: Environment, { storage }: OrchestrationDependencies): Statement[] {
  const { bronze } = storage.buckets;
  return [
    allow(['s3:ListBucket', 's3:ListBucketMultipartUploads'], [bronze.arn]),
    allow(
      ['s3:GetObject', 's3:PutObject', 's3:DeleteObject', 's3:AbortMultipartUpload'],
      (['tables', 'extracts', 'exports'] as const).map((area) => `${bronze.arn}/${lakePrefixes[area]}*`),
    ),
    allow(['s3:GetObject', 's3:PutObject', 's3:DeleteObject'], [`${bronze.arn}/${lakePrefixes.tasks}*`]),
    useKey([storage.keys.raw.arn], ['s3'], env.region),
  ];
}

function jobs(env: Environment, { ingestion }: OrchestrationDependencies): Statement[] {
  if (!ingestion.glue) return [];
  return [
    allow(
      ['glue:StartJobRun', 'glue:GetJobRun', 'glue:GetJobRuns', 'glue:BatchStopJobRun'],
      [ingestion.glue.extract.arn],
    ),
    // The end of a job's log, for the failure's text.
    allow(['logs:GetLogEvents'], [arnOf(env, 'logs', `log-group:${extractJob.logGroup}/error:log-stream:*`)]),
  ];
}

/** What the profile asks for as it is read. */
export function secretStatements(
  env: Environment,
  { storage, controlDatabase, sources, warehouse }: OrchestrationDependencies,
): Statement[] {
  const olist = sources.postgres ? [sources.postgres.secrets.reader.arn] : [];
  return [
    allow(
      ['secretsmanager:GetSecretValue'],
      [controlDatabase.secrets.ledger.arn, warehouse.loaderSecret.arn, ...olist],
    ),
    allow(['ssm:GetParameter'], [arnOf(env, 'ssm', `parameter${parameterName(env, '*')}`)]),
    decryptWith([storage.keys.secrets.arn], ['secretsmanager', 'ssm'], env.region),
  ];
}

/** Starts containers of tasks, in their cluster and as their roles only. */
function containers(
  env: Environment,
  { cluster, role, executionRole, logs, family }: ContainerTasks,
): Statement[] {
  const inCluster = { ArnEquals: { 'ecs:cluster': cluster.arn } };
  const definitions = [arnOf(env, 'ecs', `task-definition/${family}-*`)];
  return [
    allow(['ecs:RegisterTaskDefinition'], definitions),
    allow(['ecs:DescribeTaskDefinition'], ['*']),
    allow(['ecs:RunTask'], definitions, inCluster),
    allow(['ecs:ListTasks'], ['*'], inCluster),
    allow(['ecs:DescribeTasks', 'ecs:StopTask'], [arnOf(env, 'ecs', `task/${cluster.name}/*`)]),
    allow(['iam:PassRole'], [role.arn, executionRole.arn], {
      StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' },
    }),
    allow(['logs:GetLogEvents'], [`${logs.arn}:log-stream:*`]),
  ];
}

/** Dashboards, as files in their bucket. */
function publishing(env: Environment, { storage }: OrchestrationDependencies): Statement[] {
  const { pages } = storage.buckets;
  return [
    allow(['s3:ListBucket'], [pages.arn]),
    allow(['s3:GetObject', 's3:PutObject', 's3:DeleteObject'], [`${pages.arn}/${pagesPrefix}*`]),
    useKey([storage.keys.curated.arn], ['s3'], env.region),
  ];
}

function reports(env: Environment, { storage }: OrchestrationDependencies): Statement[] {
  return [
    allow(['sns:Publish'], [storage.alerts.arn]),
    useKey([storage.keys.operations.arn], ['sns'], env.region),
    allow(['cloudwatch:PutMetricData'], ['*'], {
      StringEquals: { 'cloudwatch:namespace': metrics.namespace },
    }),
  ];
}
