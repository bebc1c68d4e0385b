import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Fenced } from '../services/fenced.ts';
import { ServiceError } from '../services/service-error.ts';
import { boundMemory, launch, notStarted } from './task-process.ts';

const ACCOUNT = 'arn:aws:ecs:eu-central-1:000000000000';
const OVERRIDES = 8_192; // characters
const STARTED_BY = 36; // characters at most

export interface ContainerDefinition {
  readonly name: string;
  readonly image: string;
  readonly essential?: boolean | undefined;
  /** MiB that it may have. */
  readonly memory?: number | undefined;
  readonly dependsOn?: readonly { readonly containerName: string; readonly condition: string }[] | undefined;
  readonly [setting: string]: unknown;
}
export interface TaskDefinition {
  readonly family: string;
  readonly containerDefinitions: readonly ContainerDefinition[];
  readonly [setting: string]: unknown;
}
export interface Override {
  readonly name: string;
  readonly command?: readonly string[] | undefined;
  readonly environment?: readonly { readonly name: string; readonly value: string }[] | undefined;
}
export interface RunTask {
  readonly cluster: string;
  readonly taskDefinition: string;
  readonly clientToken?: string | undefined;
  readonly startedBy?: string | undefined;
  readonly group?: string | undefined;
  readonly overrides: { readonly containerOverrides: readonly Override[] };
}

interface Container {
  name: string;
  lastStatus: string;
  exitCode?: number;
  reason?: string;
}
export interface Task {
  taskArn: string;
  clusterArn: string;
  group: string;
  startedBy: string;
  lastStatus: string;
  desiredStatus: string;
  createdAt: number;
  startedAt?: number;
  stoppingAt?: number;
  executionStoppedAt?: number;
  stoppedAt?: number;
  stopCode?: string;
  stoppedReason?: string;
  containers: Container[];
}

export interface TasksOptions {
  readonly cluster: string;
  /** Images that can be pulled (default all); what is run is always a program of this machine. */
  readonly images?: readonly string[] | undefined;
  /** What the engine's own helpers need: endpoints, region, keys. Containers of tasks get it too, as a role would be theirs. */
  readonly env: Readonly<Record<string, string>>;
  readonly folder: string;
  /** Between SIGTERM and SIGKILL (default 3). */
  readonly graceSeconds?: number | undefined;
}

/** Task definitions and tasks of one cluster; a task's containers run one after the other, as each waits for the one before. */
export class Tasks {
  readonly #options: TasksOptions;
  readonly #definitions = new Map<string, TaskDefinition>();
  readonly #tasks = new Map<string, Task>();
  readonly #requests = new Map<string, { readonly request: RunTask; readonly arn: string }>();
  readonly #processes = new Map<string, Fenced>();
  readonly #ended = new Map<string, Promise<void>>();

  constructor(options: TasksOptions) {
    this.#options = options;
  }

  register(definition: TaskDefinition): object {
    this.#definitions.set(definition.family, definition);
    return this.describe(definition.family);
  }

  describe(family: string): object {
    const definition = this.#definitions.get(family);
    if (!definition) throw new ServiceError('ClientException', 'Unable to describe task definition.');
    const taskDefinitionArn = `${ACCOUNT}:task-definition/${family}:1`;
    return { taskDefinition: { ...definition, status: 'ACTIVE', revision: 1, taskDefinitionArn } };
  }

  run(request: RunTask): Task {
    this.#inCluster(request.cluster);
    const { clientToken, startedBy = '', overrides, group = '' } = request;
    if (startedBy.length > STARTED_BY)
      throw new ServiceError('InvalidParameterException', 'startedBy must be 36 characters or fewer.');
    if (JSON.stringify(overrides).length > OVERRIDES)
      throw new ServiceError('InvalidParameterException', 'Container Overrides length must be at most 8192');
    const known = clientToken === undefined ? undefined : this.#requests.get(clientToken);
    if (known && !isDeepStrictEqual(known.request, request))
      throw new ServiceError('ConflictException', 'The clientToken is in use with other parameters.', 400, {
        resourceIds: [known.arn],
      });
    const earlier = known && this.#tasks.get(known.arn);
    if (earlier) return earlier;
    const definition = this.#definitions.get(request.taskDefinition);
    if (!definition) throw new ServiceError('ClientException', 'TaskDefinition not found.');
    const taskArn = `${ACCOUNT}:task/${this.#options.cluster}/${randomBytes(16).toString('hex')}`;
    const task: Task = {
      taskArn,
      clusterArn: `${ACCOUNT}:cluster/${this.#options.cluster}`,
      group,
      startedBy,
      lastStatus: 'PROVISIONING',
      desiredStatus: 'RUNNING',
      createdAt: now(),
      containers: definition.containerDefinitions.map(({ name }) => ({ name, lastStatus: 'PENDING' })),
    };
    this.#tasks.set(taskArn, task);
    if (clientToken !== undefined) this.#requests.set(clientToken, { request, arn: taskArn });
    this.#ended.set(taskArn, this.#carryOut(task, definition, overrides.containerOverrides));
    return task;
  }

  list(cluster: string, startedBy: string | undefined, desiredStatus: string): string[] {
    this.#inCluster(cluster);
    return [...this.#tasks.values()]
      .filter((task) => startedBy === undefined || task.startedBy === startedBy)
      .filter((task) => task.desiredStatus === desiredStatus)
      .map(({ taskArn }) => taskArn);
  }

  read(cluster: string, arns: readonly string[]): Task[] {
    this.#inCluster(cluster);
    return arns.flatMap((arn) => this.#tasks.get(arn) ?? []);
  }

  stop(cluster: string, arn: string, reason: string): Task {
    this.#inCluster(cluster);
    const task = this.#tasks.get(arn);
    if (!task) throw new ServiceError('InvalidParameterException', 'The referenced task was not found.');
    if (task.desiredStatus === 'STOPPED') return task;
    Object.assign(task, {
      desiredStatus: 'STOPPED',
      stopCode: 'UserInitiated',
      stoppedReason: reason,
      stoppingAt: now(),
    });
    void this.#processes.get(arn)?.stop();
    return task;
  }

  folderOf(taskId: string): string {
    return join(this.#options.folder, taskId);
  }

  /** Ends every process. */
  async close(): Promise<void> {
    for (const { taskArn, lastStatus } of this.#tasks.values())
      if (lastStatus !== 'STOPPED') this.stop(this.#options.cluster, taskArn, 'the service stops');
    await Promise.all(this.#ended.values());
  }

  async #carryOut(task: Task, definition: TaskDefinition, overrides: readonly Override[]): Promise<void> {
    task.lastStatus = 'PENDING';
    const { images } = this.#options;
    const missing = definition.containerDefinitions.find(({ image }) => images?.includes(image) === false);
    if (missing) {
      const reason = `CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref ${missing.image}: not found`;
      return this.#over(task, 'TaskFailedToStart', reason);
    }
    for (const { name, memory, essential = true, dependsOn = [] } of definition.containerDefinitions) {
      const container = task.containers.find((each) => each.name === name);
      const broken = dependsOn.find(
        ({ containerName, condition }) =>
          condition === 'SUCCESS' &&
          task.containers.find((each) => each.name === containerName)?.exitCode !== 0,
      );
      if (!container || isStopping(task)) break;
      if (broken) return this.#over(task, 'TaskFailedToStart', `${broken.containerName} did not succeed`);
      const override = overrides.find((each) => each.name === name);
      await this.#runContainer(task, container, override, memory);
      if (essential) break;
      if (container.exitCode === undefined)
        return this.#over(task, 'TaskFailedToStart', 'Task failed to start');
    }
    this.#over(task, 'EssentialContainerExited', 'Essential container in task exited');
  }

  async #runContainer(
    task: Task,
    container: Container,
    override: Override | undefined,
    memory: number | undefined,
  ): Promise<void> {
    const { command = [], environment = [] } = override ?? {};
    const reason = notStarted(command);
    if (reason !== undefined) {
      Object.assign(container, { lastStatus: 'STOPPED', reason });
      return;
    }
    const { env, graceSeconds = 3 } = this.#options;
    const running = await launch({
      folder: this.folderOf(task.taskArn.slice(task.taskArn.lastIndexOf('/') + 1)),
      name: container.name,
      command,
      environment: { ...env, ...Object.fromEntries(environment.map(({ name, value }) => [name, value])) },
      graceSeconds,
    });
    this.#processes.set(task.taskArn, running);
    container.lastStatus = 'RUNNING';
    task.lastStatus = 'RUNNING';
    task.startedAt ??= now();
    if (isStopping(task)) void running.stop();
    if (memory !== undefined && (await boundMemory(running, memory * 1024 ** 2)))
      container.reason = 'OutOfMemoryError: Container killed due to memory usage';
    container.exitCode = await running.exited;
    container.lastStatus = 'STOPPED';
    this.#processes.delete(task.taskArn);
    // What ran is over; what is left is to carry its output away.
    if (container.exitCode !== 0 || isStopping(task)) task.executionStoppedAt ??= now();
  }

  #over(task: Task, stopCode: string, reason: string): void {
    task.desiredStatus = 'STOPPED';
    task.stopCode ??= stopCode;
    task.stoppedReason ??= reason;
    task.executionStoppedAt ??= now();
    task.stoppedAt = now();
    task.lastStatus = 'STOPPED';
  }

  #inCluster(cluster: string): void {
    if (cluster !== this.#options.cluster)
      throw new ServiceError('ClusterNotFoundException', 'Cluster not found.');
  }
}

function isStopping(task: Task): boolean {
  return task.desiredStatus === 'STOPPED';
}

function now(): number {
  return Date.now() / 1000;
}
