import { DescribeTasksCommand, ECSClient, RunTaskCommand } from '@aws-sdk/client-ecs';
import { setTimeout as pause } from 'node:timers/promises';
import { patiently } from '../patiently.ts';

export interface RunTaskRequest {
  readonly cluster: string;
  readonly taskDefinition: string;
  readonly subnets: readonly string[];
  readonly securityGroups: readonly string[];
  /** Runs another command than the task definition says. */
  readonly override?: { readonly container: string; readonly command: readonly string[] };
}

const client = new ECSClient();
const pollMs = 5000;

/** Runs a task to its end; fails unless every essential container ended with 0. */
export async function handler(request: RunTaskRequest): Promise<{ taskArn: string }> {
  const run = new RunTaskCommand({
    cluster: request.cluster,
    taskDefinition: request.taskDefinition,
    launchType: 'FARGATE',
    ...(request.override && {
      overrides: {
        containerOverrides: [{ name: request.override.container, command: [...request.override.command] }],
      },
    }),
    networkConfiguration: {
      awsvpcConfiguration: {
        subnets: [...request.subnets],
        securityGroups: [...request.securityGroups],
        assignPublicIp: 'DISABLED',
      },
    },
  });
  const started = await patiently(() => client.send(run));
  const taskArn = started.tasks?.[0]?.taskArn;
  if (taskArn === undefined)
    throw new Error(
      `not started: ${started.failures?.map((failure) => failure.reason).join(', ') ?? 'no reason given'}`,
    );
  for (;;) {
    const { tasks } = await client.send(
      new DescribeTasksCommand({ cluster: request.cluster, tasks: [taskArn] }),
    );
    const task = tasks?.[0];
    if (task?.lastStatus === 'STOPPED') {
      const failed = task.containers?.filter((container) => container.exitCode !== 0) ?? [];
      if (failed.length === 0) return { taskArn };
      const codes = failed.map(
        (container) =>
          `${container.name ?? '?'}: ${container.exitCode ?? container.reason ?? 'did not start'}`,
      );
      throw new Error(`${taskArn} stopped, ${codes.join(', ')}; ${task.stoppedReason ?? ''}`);
    }
    await pause(pollMs);
  }
}
