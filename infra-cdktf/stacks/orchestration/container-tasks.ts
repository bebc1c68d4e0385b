import type { CloudwatchLogGroup } from '@cdktf/provider-aws/lib/cloudwatch-log-group/index.js';
import { EcsCluster } from '@cdktf/provider-aws/lib/ecs-cluster/index.js';
import type { IamRole } from '@cdktf/provider-aws/lib/iam-role/index.js';
import type { Construct } from 'constructs';
import type { Environment } from '../../config/environment.ts';
import { pullImages } from '../../constructs/fargate-task.ts';
import { logGroup } from '../../constructs/log-group.ts';
import { useKey, writeLogs } from '../../constructs/permissions.ts';
import { allow } from '../../constructs/policy-document.ts';
import { workloadRole } from '../../constructs/workload-role.ts';
import { lakePrefixes } from '../../contract.ts';
import { arnOf, nameOf } from '../../names.ts';
import type { OrchestrationDependencies } from './dependencies.ts';

export interface ContainerTasks {
  readonly cluster: EcsCluster;
  /** What containers are; the carrier of their input and output is the same. */
  readonly role: IamRole;
  readonly executionRole: IamRole;
  readonly logs: CloudwatchLogGroup;
  /** Begins the names of task definitions, which the worker makes. */
  readonly family: string;
}

/** Where tasks that are containers run: apart from Temporal and the worker, so that whoever may end the ones cannot end the others. */
export function containerTasks(
  scope: Construct,
  env: Environment,
  { storage }: OrchestrationDependencies,
): ContainerTasks {
  const { bronze } = storage.buckets;
  const trust = { ArnLike: { 'aws:SourceArn': arnOf(env, 'ecs', '*') } };
  const logs = logGroup(scope, env, 'tasks', storage.keys.operations.arn);
  const cluster = new EcsCluster(scope, 'tasks-cluster', {
    name: nameOf(env, 'tasks'),
    setting: [{ name: 'containerInsights', value: 'enabled' }],
  });
  const role = workloadRole(scope, 'tasks', {
    env,
    service: 'ecs-tasks.amazonaws.com',
    description: 'Containers of tasks: their input and output in the lake',
    trust,
    statements: [
      allow(['s3:GetObject', 's3:PutObject'], [`${bronze.arn}/${lakePrefixes.tasks}*`]),
      useKey([storage.keys.raw.arn], ['s3'], env.region),
    ],
  });
  const executionRole = workloadRole(scope, 'tasks-execution', {
    env,
    service: 'ecs-tasks.amazonaws.com',
    description: 'Starts containers of tasks: images of the environment, and public ones',
    trust,
    statements: [writeLogs([logs.arn]), ...pullImages([arnOf(env, 'ecr', `repository/${nameOf(env, '*')}`)])],
  });
  return { cluster, role, executionRole, logs, family: nameOf(env, 'task') };
}
