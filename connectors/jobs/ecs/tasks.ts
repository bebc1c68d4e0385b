import { createHash } from 'node:crypto';
import {
  DescribeTasksCommand,
  type ECSClient,
  ListTasksCommand,
  RunTaskCommand,
  StopTaskCommand,
  type Task,
} from '@aws-sdk/client-ecs';
import { TerminalError, Unreachable } from '../../../core/errors.ts';
import { FOLDER, INPUT, nameOf, OUTPUT, variablesOf, type Ended } from '../containers.ts';
import type { ContainerJob } from '../port.ts';
import { ecsFailure } from './errors.ts';
import type { Exchange } from '../exchange.ts';
import type { EcsPlace } from './place.ts';
import { definitionOf, IN, MAIN, OUT, registered } from './task-definition.ts';

const AT_ONCE = 100; // DescribeTasks
const OVERRIDES = 8_192; // characters that RunTask takes
const CARRY = '/app/connectors/jobs/ecs/carry.mjs';

/** A task of ECS as this adapter sees it. */
export interface Found extends Ended {
  readonly arn: string;
  readonly isUnderWay: boolean;
  readonly startedAt: number;
  readonly state: string;
  /** Its output, if it left one, has been carried away. */
  readonly isCarried: boolean;
  /** Why it stopped, in the service's words. */
  readonly reason: string;
}

/** Tasks of a cluster: found by their owner, who is named as who started them, and by the group that stands for their token. */
export class Tasks {
  readonly #client: ECSClient;
  readonly #place: EcsPlace;
  readonly #exchange: Exchange;
  readonly #pathStyle: boolean;

  constructor(client: ECSClient, place: EcsPlace, exchange: Exchange, pathStyle: boolean) {
    this.#client = client;
    this.#place = place;
    this.#exchange = exchange;
    this.#pathStyle = pathStyle;
  }

  /** Those of a token that the service knows, oldest first; it forgets one that has stopped after an hour. */
  async ofToken(job: ContainerJob): Promise<Found[]> {
    const group = nameOf(job);
    const tasks = await this.#ofOwner(job.owner, job.subject);
    return tasks
      .filter((task) => task.group === group)
      .sort((a, b) => (a.createdAt?.getTime() ?? 0) - (b.createdAt?.getTime() ?? 0))
      .map(foundOf);
  }

  async ofOwner(owner: string): Promise<Found[]> {
    return (await this.#ofOwner(owner, `Run ${owner}`)).map(foundOf);
  }

  async read(arn: string, subject: string): Promise<Found | undefined> {
    const [task] = await this.#described([arn], subject);
    return task && foundOf(task);
  }

  /**
   * Runs one. Asked again with the same forerunners, it is the same task: a lost answer starts no second one.
   * @param before those of its token that have ended
   * @returns its ARN
   */
  async start(job: ContainerJob, before: readonly Found[]): Promise<string> {
    const { cluster, subnets, securityGroups, publicIp } = this.#place;
    const overrides = { containerOverrides: this.#overridesOf(job) };
    const length = JSON.stringify(overrides).length;
    if (length > OVERRIDES)
      throw new TerminalError(
        `${job.subject}: command and variables have ${length} characters; ECS takes ${OVERRIDES}. Put some into the image, or let the task read them.`,
      );
    const clientToken = createHash('sha256')
      .update([job.token, ...before.map(({ arn }) => arn)].join('\n'))
      .digest('hex')
      .slice(0, 64);
    try {
      const taskDefinition = await registered(this.#client, definitionOf(job, this.#place));
      const { tasks = [], failures = [] } = await this.#client.send(
        new RunTaskCommand({
          cluster,
          taskDefinition,
          launchType: 'FARGATE',
          clientToken,
          startedBy: job.owner,
          group: nameOf(job),
          overrides,
          networkConfiguration: {
            awsvpcConfiguration: {
              subnets: [...subnets],
              securityGroups: [...securityGroups],
              assignPublicIp: publicIp ? 'ENABLED' : 'DISABLED',
            },
          },
        }),
      );
      const [task] = tasks;
      if (task?.taskArn) return task.taskArn;
      const reasons = failures.map(({ reason, detail }) => [reason, detail].filter(Boolean).join(': '));
      throw new Unreachable(
        `${job.subject}: ECS has no place for it just now (${reasons.join('; ') || 'no reason given'}). It waits.`,
      );
    } catch (error) {
      // Another attempt has asked with other words; its task is the one.
      const [theirs] = inConflictWith(error);
      if (theirs) return theirs;
      throw ecsFailure(error, job.subject);
    }
  }

  /** Asks for its stop. One that has stopped, or is not known any more, is as good as stopped. */
  async stop(arn: string, reason: string): Promise<void> {
    try {
      await this.#client.send(new StopTaskCommand({ cluster: this.#place.cluster, task: arn, reason }));
    } catch (error) {
      if (error instanceof Error && error.name === 'InvalidParameterException') return;
      throw ecsFailure(error, `Task ${arn}`);
    }
  }

  #overridesOf(job: ContainerJob) {
    const pairs = (values: Readonly<Record<string, string>>) =>
      Object.entries(values).map(([name, value]) => ({ name, value }));
    const carried = this.#pathStyle ? { environment: pairs({ SLUICE_S3_PATH_STYLE: 'true' }) } : {};
    return [
      { name: IN, command: ['node', CARRY, 'in', this.#exchange.uri(job, 'input'), INPUT], ...carried },
      {
        name: MAIN,
        environment: pairs({ ...variablesOf(job), SLUICE_FOLDER: FOLDER }),
        ...(job.command.length ? { command: [...job.command] } : {}),
      },
      { name: OUT, command: ['node', CARRY, 'out', this.#exchange.uri(job, 'output'), OUTPUT], ...carried },
    ];
  }

  async #ofOwner(owner: string, subject: string): Promise<Task[]> {
    const arns: string[] = [];
    try {
      for (const desiredStatus of ['RUNNING', 'STOPPED'] as const) {
        let nextToken: string | undefined;
        do {
          const page = await this.#client.send(
            new ListTasksCommand({
              cluster: this.#place.cluster,
              startedBy: owner,
              desiredStatus,
              ...(nextToken === undefined ? {} : { nextToken }),
            }),
          );
          arns.push(...(page.taskArns ?? []));
          nextToken = page.nextToken;
        } while (nextToken !== undefined);
      }
    } catch (error) {
      throw ecsFailure(error, subject);
    }
    return this.#described([...new Set(arns)], subject);
  }

  async #described(arns: readonly string[], subject: string): Promise<Task[]> {
    const found: Task[] = [];
    for (let from = 0; from < arns.length; from += AT_ONCE) {
      try {
        const { tasks = [] } = await this.#client.send(
          new DescribeTasksCommand({
            cluster: this.#place.cluster,
            tasks: arns.slice(from, from + AT_ONCE),
          }),
        );
        found.push(...tasks);
      } catch (error) {
        throw ecsFailure(error, subject);
      }
    }
    return found;
  }
}

/** Tasks that a client token stands for already. */
function inConflictWith(error: unknown): readonly string[] {
  if (!(error instanceof Error && error.name === 'ConflictException')) return [];
  return (error as Error & { readonly resourceIds?: readonly string[] }).resourceIds ?? [];
}

function foundOf(task: Task): Found {
  const main = task.containers?.find(({ name }) => name === MAIN);
  const helpers = [IN, OUT].map((name) => task.containers?.find((each) => each.name === name));
  const broken = helpers.find((helper) => helper?.exitCode !== undefined && helper.exitCode !== 0);
  const startedAt = (task.startedAt ?? task.createdAt ?? new Date()).getTime();
  const endedAt = (task.executionStoppedAt ?? task.stoppingAt ?? task.stoppedAt)?.getTime() ?? Date.now();
  return {
    arn: task.taskArn ?? '',
    isUnderWay: task.lastStatus !== 'STOPPED',
    state: task.lastStatus ?? 'UNKNOWN',
    startedAt,
    exitCode: main?.exitCode ?? null,
    outOfMemory: /OutOfMemory/.test(main?.reason ?? ''),
    ranMs: Math.max(0, endedAt - startedAt),
    isCarried: helpers[1]?.exitCode === 0,
    reason: [
      task.stoppedReason,
      main?.reason,
      broken &&
        `what carries its ${broken.name ?? ''} ended with exit code ${broken.exitCode ?? ''}, see its log`,
    ]
      .filter(Boolean)
      .join('; '),
  };
}
