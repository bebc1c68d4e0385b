import type { CloudwatchLogGroup } from '@cdktf/provider-aws/lib/cloudwatch-log-group/index.js';
import { EcsTaskDefinition } from '@cdktf/provider-aws/lib/ecs-task-definition/index.js';
import type { IamRole } from '@cdktf/provider-aws/lib/iam-role/index.js';
import type { Construct } from 'constructs';
import type { Environment, FargateSize } from '../config/environment.ts';
import { arnOf, nameOf } from '../names.ts';
import { containerDefinition, type Container } from './container.ts';
import { logGroup } from './log-group.ts';
import { decryptWith, readSecrets, writeLogs } from './permissions.ts';
import { allow, type Statement } from './policy-document.ts';
import { policyOf, workloadRole } from './workload-role.ts';

export interface FargateTaskProps {
  readonly env: Environment;
  readonly description: string;
  readonly size: FargateSize;
  readonly containers: readonly Container[];
  /** Volumes shared by the containers, gone with the task. */
  readonly volumes?: readonly string[];
  /** What the containers themselves may do. */
  readonly statements: readonly Statement[];
  /** Secrets that ECS hands to containers at their start. */
  readonly secretArns: readonly string[];
  /** ECR repositories that images are pulled from. */
  readonly repositoryArns: readonly string[];
  readonly logKeyArn: string;
  readonly secretKeyArn: string;
}

export interface FargateTask {
  readonly definition: EcsTaskDefinition;
  readonly role: IamRole;
  readonly executionRole: IamRole;
  readonly logs: CloudwatchLogGroup;
}

export function fargateTask(scope: Construct, what: string, props: FargateTaskProps): FargateTask {
  const { env } = props;
  const trust = { ArnLike: { 'aws:SourceArn': arnOf(env, 'ecs', '*') } };
  const logs = logGroup(scope, env, what, props.logKeyArn);
  const role = workloadRole(scope, what, {
    env,
    service: 'ecs-tasks.amazonaws.com',
    description: props.description,
    trust,
    statements: props.statements,
  });
  const executionRole = workloadRole(scope, `${what}-execution`, {
    env,
    service: 'ecs-tasks.amazonaws.com',
    description: `Starts tasks: ${props.description}`,
    trust,
    statements: [
      writeLogs([logs.arn]),
      ...pullImages(props.repositoryArns),
      ...(props.secretArns.length === 0
        ? []
        : [readSecrets(props.secretArns), decryptWith([props.secretKeyArn], ['secretsmanager'], env.region)]),
    ],
  });
  const definition = new EcsTaskDefinition(scope, `${what}-task`, {
    family: nameOf(env, what),
    requiresCompatibilities: ['FARGATE'],
    networkMode: 'awsvpc',
    runtimePlatform: { operatingSystemFamily: 'LINUX', cpuArchitecture: 'X86_64' },
    cpu: `${props.size.cpu}`,
    memory: `${props.size.memoryMb}`,
    taskRoleArn: role.arn,
    executionRoleArn: executionRole.arn,
    volume: props.volumes?.map((name) => ({ name })),
    containerDefinitions: JSON.stringify(
      props.containers.map((container) => containerDefinition(env, container, logs.name)),
    ),
    // A task that starts before its rights do pulls no image; one that still runs needs them to the end.
    dependsOn: [
      policyOf(scope, `${what}-execution`),
      ...(props.statements.length > 0 ? [policyOf(scope, what)] : []),
    ],
  });
  return { definition, role, executionRole, logs };
}

export function pullImages(repositoryArns: readonly string[]): Statement[] {
  if (repositoryArns.length === 0) return [];
  return [
    allow(
      ['ecr:BatchCheckLayerAvailability', 'ecr:GetDownloadUrlForLayer', 'ecr:BatchGetImage'],
      repositoryArns,
    ),
    // Gives a token for the whole registry; it has no resource type.
    allow(['ecr:GetAuthorizationToken'], ['*']),
  ];
}
