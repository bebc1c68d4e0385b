import { createHash } from 'node:crypto';
import {
  DescribeTaskDefinitionCommand,
  type ECSClient,
  RegisterTaskDefinitionCommand,
  type RegisterTaskDefinitionCommandInput,
} from '@aws-sdk/client-ecs';
import { FOLDER } from '../containers.ts';
import type { ContainerJob } from '../port.ts';
import { taskSize } from './size.ts';
import type { EcsPlace } from './place.ts';

/** The container of the task, between those that carry its input in and its output out. */
export const MAIN = 'task';
export const IN = 'input';
export const OUT = 'output';

const STOP_SECONDS = 30; // after SIGTERM, before SIGKILL
const MIB = 1024 ** 2;

/** What ECS must know of a kind of task before one can be run: image, size, roles, volume. Runs differ by what they override. */
export function definitionOf(job: ContainerJob, place: EcsPlace): RegisterTaskDefinitionCommandInput {
  const { image, memory } = job;
  const { executionRole, taskRole, logGroup, region, carrier } = place;
  const mounted = { mountPoints: [{ sourceVolume: 'sluice', containerPath: FOLDER }] };
  const logged = (name: string) => ({
    logConfiguration: {
      logDriver: 'awslogs' as const,
      options: { 'awslogs-group': logGroup, 'awslogs-region': region, 'awslogs-stream-prefix': name },
    },
  });
  const helper = { image: carrier, user: '0', ...mounted, ...logged('carrier') };
  const definition = {
    ...taskSize(job.subject, job),
    networkMode: 'awsvpc' as const,
    requiresCompatibilities: ['FARGATE' as const],
    executionRoleArn: executionRole,
    taskRoleArn: taskRole,
    volumes: [{ name: 'sluice' }],
    containerDefinitions: [
      { ...helper, name: IN, essential: false },
      {
        name: MAIN,
        image,
        essential: false,
        stopTimeout: STOP_SECONDS,
        dependsOn: [{ containerName: IN, condition: 'SUCCESS' as const }],
        ...(memory === undefined ? {} : { memory: memory / MIB }),
        ...mounted,
        ...logged('task'),
      },
      {
        ...helper,
        name: OUT,
        essential: true,
        dependsOn: [{ containerName: MAIN, condition: 'COMPLETE' as const }],
      },
    ],
  };
  const hash = createHash('sha256').update(JSON.stringify(definition)).digest('hex').slice(0, 16);
  return { family: `${place.family}-${hash}`, ...definition };
}

/** Registers it where it is not. @returns its family */
export async function registered(
  client: ECSClient,
  definition: RegisterTaskDefinitionCommandInput,
): Promise<string> {
  const family = definition.family ?? '';
  try {
    const { taskDefinition } = await client.send(
      new DescribeTaskDefinitionCommand({ taskDefinition: family }),
    );
    if (taskDefinition?.status === 'ACTIVE') return family;
  } catch (error) {
    // What is not there is a ClientException with words.
    if (!(error instanceof Error && error.name === 'ClientException')) throw error;
  }
  await client.send(new RegisterTaskDefinitionCommand(definition));
  return family;
}
