import { z } from 'zod';
import { startJsonService, type Answers } from '../services/json-service.ts';
import { ServiceError } from '../services/service-error.ts';
import { linesOf } from './task-process.ts';
import { Tasks, type TasksOptions } from './tasks.ts';

export interface EcsOptions extends TasksOptions {
  /** Of the containers' logs. */
  readonly logGroup: string;
}

export interface EcsServerOptions extends EcsOptions {
  readonly host?: string | undefined;
  readonly port?: number | undefined;
}

export interface EcsServer {
  /** Answers ECS and the log calls that go with it: `AWS_ENDPOINT_URL_ECS`, `AWS_ENDPOINT_URL_CLOUDWATCH_LOGS`. */
  readonly endpoint: string;
  /** Ends every task with it. */
  stop(): Promise<void>;
}

const PAGE = 100;
const EVENTS = 1_000;
const ECS = 'AmazonEC2ContainerServiceV20141113';

const pair = z.object({ name: z.string(), value: z.string() });
const definition = z.looseObject({
  family: z.string().regex(/^[\w-]{1,255}$/),
  containerDefinitions: z.array(
    z.looseObject({
      name: z.string(),
      image: z.string(),
      essential: z.boolean().optional(),
      memory: z.number().optional(),
      dependsOn: z.array(z.object({ containerName: z.string(), condition: z.string() })).optional(),
    }),
  ),
});
const run = z.object({
  cluster: z.string(),
  taskDefinition: z.string(),
  launchType: z.literal('FARGATE'),
  clientToken: z.string().max(64).optional(),
  startedBy: z.string().optional(),
  group: z.string().optional(),
  overrides: z.object({
    containerOverrides: z.array(
      z.object({
        name: z.string(),
        command: z.array(z.string()).optional(),
        environment: z.array(pair).optional(),
      }),
    ),
  }),
  networkConfiguration: z.object({
    awsvpcConfiguration: z.object({ subnets: z.array(z.string()).min(1).max(16) }).loose(),
  }),
});

export async function startEcsServer(options: EcsServerOptions): Promise<EcsServer> {
  const ecs = openEcs(options);
  const service = await startJsonService(ecs.answers, options);
  return {
    endpoint: service.endpoint,
    async stop() {
      await ecs.close();
      await service.stop();
    },
  };
}

/** ECS as far as tasks of Fargate go; their containers are processes of this machine, which `close` ends. */
export function openEcs(options: EcsOptions): { readonly answers: Answers; close(): Promise<void> } {
  const tasks = new Tasks(options);
  const answers: Answers = {
    [`${ECS}.RegisterTaskDefinition`]: (input) => tasks.register(definition.parse(input)),
    [`${ECS}.DescribeTaskDefinition`]: (input) =>
      tasks.describe(z.object({ taskDefinition: z.string() }).parse(input).taskDefinition),
    [`${ECS}.RunTask`]: (input) => ({ tasks: [tasks.run(run.parse(input))], failures: [] }),
    [`${ECS}.ListTasks`]: (input) => {
      const { cluster, startedBy, desiredStatus, nextToken } = z
        .object({
          cluster: z.string(),
          startedBy: z.string().optional(),
          desiredStatus: z.enum(['RUNNING', 'STOPPED']).default('RUNNING'),
          nextToken: z.string().default('0'),
        })
        .parse(input);
      const all = tasks.list(cluster, startedBy, desiredStatus);
      const to = Number(nextToken) + PAGE;
      return {
        taskArns: all.slice(Number(nextToken), to),
        ...(to < all.length ? { nextToken: String(to) } : {}),
      };
    },
    [`${ECS}.DescribeTasks`]: (input) => {
      const { cluster, tasks: arns } = z
        .object({ cluster: z.string(), tasks: z.array(z.string()).max(PAGE) })
        .parse(input);
      return { tasks: tasks.read(cluster, arns), failures: [] };
    },
    [`${ECS}.StopTask`]: (input) => {
      const { cluster, task, reason } = z
        .object({ cluster: z.string(), task: z.string(), reason: z.string().max(255).default('') })
        .parse(input);
      return { task: tasks.stop(cluster, task, reason) };
    },
    'Logs_20140328.GetLogEvents': async (input) => {
      const { logGroupName, logStreamName, nextToken } = z
        .object({
          logGroupName: z.string(),
          logStreamName: z.string(),
          nextToken: z.string().default('f/0'),
        })
        .parse(input);
      const [, container = '', taskId = ''] = logStreamName.split('/');
      const lines = await linesOf(tasks.folderOf(taskId), container);
      if (lines === undefined || logGroupName !== options.logGroup)
        throw new ServiceError('ResourceNotFoundException', 'The specified log stream does not exist.');
      const from = Number(nextToken.slice(2));
      const events = lines.slice(from, from + EVENTS).map((message) => ({ message, timestamp: Date.now() }));
      return { events, nextForwardToken: `f/${from + events.length}`, nextBackwardToken: 'b/0' };
    },
  };
  return { answers, close: () => tasks.close() };
}
