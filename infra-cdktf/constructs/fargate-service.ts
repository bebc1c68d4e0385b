import { EcsService } from '@cdktf/provider-aws/lib/ecs-service/index.js';
import type { SecurityGroup } from '@cdktf/provider-aws/lib/security-group/index.js';
import type { ITerraformDependable } from 'cdktf';
import type { Construct } from 'constructs';
import type { Environment } from '../config/environment.ts';
import { nameOf } from '../names.ts';
import { fargateTask, type FargateTask, type FargateTaskProps } from './fargate-task.ts';

export interface FargateServiceProps extends FargateTaskProps {
  readonly env: Environment;
  readonly clusterArn: string;
  readonly desiredCount: number;
  readonly subnetIds: readonly string[];
  readonly group: SecurityGroup;
  /** Cloud Map service that tasks register with. */
  readonly registryArn?: string;
  /** Session Manager may reach into its tasks: for port forwarding. */
  readonly executeCommand?: boolean;
  /** The count belongs to autoscaling after the first deployment. */
  readonly autoscaled?: boolean;
  readonly after?: readonly ITerraformDependable[];
}

export interface FargateService extends FargateTask {
  readonly what: string;
  readonly service: EcsService;
}

/** A service without public address whose failed deployments roll back. */
export function fargateService(scope: Construct, what: string, props: FargateServiceProps): FargateService {
  const task = fargateTask(scope, what, props);
  const service = new EcsService(scope, `${what}-service`, {
    name: nameOf(props.env, what),
    cluster: props.clusterArn,
    taskDefinition: task.definition.arn,
    desiredCount: props.desiredCount,
    launchType: 'FARGATE',
    platformVersion: '1.4.0',
    propagateTags: 'SERVICE',
    enableExecuteCommand: props.executeCommand ?? false,
    waitForSteadyState: true,
    deploymentMinimumHealthyPercent: 100,
    deploymentMaximumPercent: 200,
    deploymentCircuitBreaker: { enable: true, rollback: true },
    networkConfiguration: {
      subnets: [...props.subnetIds],
      securityGroups: [props.group.id],
      assignPublicIp: false,
    },
    serviceRegistries: props.registryArn === undefined ? undefined : { registryArn: props.registryArn },
    lifecycle: props.autoscaled ? { ignoreChanges: ['desired_count'] } : undefined,
    dependsOn: [...(props.after ?? [])],
  });
  return { ...task, what, service };
}
