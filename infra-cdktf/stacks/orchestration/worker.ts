import { AppautoscalingPolicy } from '@cdktf/provider-aws/lib/appautoscaling-policy/index.js';
import { AppautoscalingTarget } from '@cdktf/provider-aws/lib/appautoscaling-target/index.js';
import type { ITerraformDependable } from 'cdktf';
import type { Construct } from 'constructs';
import type { Environment } from '../../config/environment.ts';
import { fargateService, type FargateService } from '../../constructs/fargate-service.ts';
import { workerCommand, workerPorts } from '../../contract.ts';
import type { Place } from './cluster.ts';
import type { ContainerTasks } from './container-tasks.ts';
import { filesContainer, filesVolume, withFiles } from './files.ts';
import type { OrchestrationDependencies } from './dependencies.ts';
import type { WorkerValues } from './worker-environment.ts';
import { ownStatements, workerStatements } from './worker-statements.ts';

export interface WorkerProps {
  readonly image: string;
  readonly environment: WorkerValues;
  readonly after: ITerraformDependable;
  readonly tasks: ContainerTasks;
}

/** What a running activity gets to finish or to heartbeat; Fargate's longest. */
const stopTimeoutSeconds = 120;
/** What it, dbt and tasks write for the moment; all else of its file system is as the image has it. */
const writable = { temporary: '/tmp' } as const;
const targetCpuPercent = 60;

export function worker(
  scope: Construct,
  env: Environment,
  stacks: OrchestrationDependencies,
  { cluster }: Place,
  props: WorkerProps,
): FargateService {
  const { storage, network } = stacks;
  const made = fargateService(scope, 'worker', {
    env,
    description: 'Sluice worker',
    clusterArn: cluster.arn,
    desiredCount: env.sizes.worker.minTasks,
    autoscaled: true,
    size: env.sizes.worker,
    subnetIds: network.subnets.private,
    group: network.securityGroups.worker,
    statements: workerStatements(env, stacks, props.tasks),
    secretArns: [],
    repositoryArns: [storage.images.arn, storage.mirror.arn],
    logKeyArn: storage.keys.operations.arn,
    secretKeyArn: storage.keys.secrets.arn,
    after: [props.after],
    volumes: [filesVolume, ...Object.keys(writable)],
    containers: [
      withFiles({
        name: 'worker',
        image: props.image,
        command: workerCommand,
        ports: Object.values(workerPorts),
        environment: props.environment,
        health: `node -e "fetch('http://127.0.0.1:${workerPorts.health}/healthz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"`,
        stopTimeoutSeconds,
        readOnly: true,
        mounts: writable,
      }),
      filesContainer(env, storage, {}, writable),
    ],
  });
  ownStatements(scope, made.role);
  autoscaling(scope, env, cluster.name, made);
  return made;
}

function autoscaling(
  scope: Construct,
  env: Environment,
  clusterName: string,
  { service }: FargateService,
): void {
  const target = new AppautoscalingTarget(scope, 'worker-scaling', {
    serviceNamespace: 'ecs',
    scalableDimension: 'ecs:service:DesiredCount',
    resourceId: `service/${clusterName}/${service.name}`,
    minCapacity: env.sizes.worker.minTasks,
    maxCapacity: env.sizes.worker.maxTasks,
  });
  new AppautoscalingPolicy(scope, 'worker-scaling-cpu', {
    name: 'cpu',
    policyType: 'TargetTrackingScaling',
    serviceNamespace: target.serviceNamespace,
    scalableDimension: target.scalableDimension,
    resourceId: target.resourceId,
    targetTrackingScalingPolicyConfiguration: {
      targetValue: targetCpuPercent,
      predefinedMetricSpecification: { predefinedMetricType: 'ECSServiceAverageCPUUtilization' },
      // Slow down again: a stopped worker hands its activities over.
      scaleInCooldown: 600,
      scaleOutCooldown: 60,
    },
  });
}
