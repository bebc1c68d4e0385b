import { LambdaInvocation } from '@cdktf/provider-aws/lib/lambda-invocation/index.js';
import { IamRolePolicy } from '@cdktf/provider-aws/lib/iam-role-policy/index.js';
import type { ITerraformDependable } from 'cdktf';
import type { Construct } from 'constructs';
import type { Environment } from '../../config/environment.ts';
import { fargateTask, type FargateTask, type FargateTaskProps } from '../../constructs/fargate-task.ts';
import { nodeFunction, type NodeFunction } from '../../constructs/node-function.ts';
import { allow, policyDocument } from '../../constructs/policy-document.ts';
import type { RunTaskRequest } from '../../functions/run-task/index.ts';
import { arnOf, nameOf } from '../../names.ts';
import type { Place } from './cluster.ts';
import type { OrchestrationDependencies } from './dependencies.ts';

export interface TaskRunner {
  readonly runner: NodeFunction;
  readonly place: Place;
  readonly subnets: readonly string[];
  readonly securityGroups: readonly string[];
}

/** Lambda's longest. */
const timeoutSeconds = 900;

export function taskRunner(
  scope: Construct,
  env: Environment,
  { storage, network }: OrchestrationDependencies,
  place: Place,
): TaskRunner {
  const runner = nodeFunction(scope, 'run-task', {
    env,
    description: 'Runs one-shot tasks to their end',
    keyArn: storage.keys.operations.arn,
    timeoutSeconds,
    subnetIds: network.subnets.private,
    group: network.securityGroups.functions,
    statements: [allow(['ecs:DescribeTasks'], [arnOf(env, 'ecs', `task/${nameOf(env, 'orchestration')}/*`)])],
  });
  return {
    runner,
    place,
    subnets: network.subnets.private,
    securityGroups: [network.securityGroups.temporal.id],
  };
}

/** A task of its own that runs to its end during deployment. */
export function oneShot(
  scope: Construct,
  what: string,
  runner: TaskRunner,
  props: FargateTaskProps,
  after: readonly ITerraformDependable[] = [],
): LambdaInvocation {
  return runOnce(scope, what, runner, { task: fargateTask(scope, what, props), after });
}

export interface RunOnceProps {
  readonly task: FargateTask;
  readonly after: readonly ITerraformDependable[];
  readonly override?: RunTaskRequest['override'];
  /** Another group than Temporal's. */
  readonly securityGroupId?: string;
}

/** Runs a task during deployment, again whenever its definition changes; what depends on the result starts after its success. */
export function runOnce(
  scope: Construct,
  what: string,
  { runner, place, subnets, securityGroups }: TaskRunner,
  props: RunOnceProps,
): LambdaInvocation {
  const { definition, role, executionRole } = props.task;
  const permission = new IamRolePolicy(scope, `${what}-run-policy`, {
    name: `run-${what}`,
    role: runner.role.name,
    policy: policyDocument([
      allow(['ecs:RunTask'], [definition.arn], { ArnEquals: { 'ecs:cluster': place.cluster.arn } }),
      allow(['iam:PassRole'], [role.arn, executionRole.arn], {
        StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' },
      }),
    ]),
  });
  const request: RunTaskRequest = {
    cluster: place.cluster.arn,
    taskDefinition: definition.arn,
    subnets,
    securityGroups: props.securityGroupId === undefined ? securityGroups : [props.securityGroupId],
    ...(props.override && { override: props.override }),
  };
  return new LambdaInvocation(scope, `${what}-run`, {
    functionName: runner.lambda.functionName,
    input: JSON.stringify(request),
    triggers: { taskDefinition: definition.arn },
    lifecycleScope: 'CREATE_ONLY',
    dependsOn: [permission, ...props.after],
  });
}
