import { setTimeout as wait } from 'node:timers/promises';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { ECSClient } from '@aws-sdk/client-ecs';
import type { S3Client } from '@aws-sdk/client-s3';
import { HandedOver, TransientError } from '../../../core/errors.ts';
import { endedWell, endingOf, isFinal } from '../containers.ts';
import type { ContainerJob, ContainerOutcome, ContainerRunner, JobProgress } from '../port.ts';
import { notBegun } from './errors.ts';
import { Exchange } from '../exchange.ts';
import { TaskLog } from './log.ts';
import type { EcsPlace } from './place.ts';
import { Tasks, type Found } from './tasks.ts';

export interface EcsOptions {
  readonly place: EcsPlace;
  readonly s3: S3Client;
  /** Of the lake: input and output pass through `tasks/` of it. */
  readonly bucket: string;
  readonly prefix: string;
  readonly pathStyle: boolean;
  /** Bytes that an output may have. */
  readonly outputLimit: number;
}

/** Polls come often at first, then seldom: DescribeTasks is limited per account. Milliseconds. */
const FIRST_POLL = 500;
const LAST_POLL = 10_000;
const POLL_GROWTH = 1.3;
const STOP_PATIENCE = 180_000; // a task that does not stop in this time is left to ECS, which has been told
const SDK_ATTEMPTS = 4;
/** Times that a task was started by another and could not be seen yet. */
const BLINKS = 10;

/** Containers as Fargate tasks of ECS. https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RunTask.html */
export class Ecs implements ContainerRunner {
  readonly #options: EcsOptions;
  readonly #tasks: Tasks;
  readonly #exchange: Exchange;
  readonly #logs: CloudWatchLogsClient;

  constructor(options: EcsOptions) {
    this.#options = options;
    const { place, s3, bucket, prefix, pathStyle } = options;
    const settings = { region: place.region, maxAttempts: SDK_ATTEMPTS };
    this.#exchange = new Exchange(s3, bucket, prefix);
    this.#tasks = new Tasks(new ECSClient(settings), place, this.#exchange, pathStyle);
    this.#logs = new CloudWatchLogsClient(settings);
  }

  async run(
    job: ContainerJob,
    signal: AbortSignal,
    onProgress: (progress: JobProgress) => void = () => undefined,
    onLine: (line: string) => void = () => undefined,
  ): Promise<ContainerOutcome> {
    signal.throwIfAborted();
    const { arn, isJoined } = await this.#joinOrStart(job);
    onProgress({ jobRunId: idOf(arn), state: isJoined ? 'joined' : 'started' });
    try {
      return await this.#outcome(await this.#ended(arn, job, signal, onProgress, onLine), job);
    } catch (error) {
      if (!signal.aborted) throw error;
      if (!(signal.reason instanceof HandedOver)) await this.#stopped(arn, job, 'nobody wants it any more');
      throw signal.reason;
    }
  }

  async release(owner: string): Promise<void> {
    for (const { arn, isUnderWay } of await this.#tasks.ofOwner(owner))
      if (isUnderWay) await this.#tasks.stop(arn, 'its run has ended');
    await this.#exchange.forget(owner);
  }

  /** The token's task that is under way, or whose outcome stands; else a new one. */
  async #joinOrStart(job: ContainerJob): Promise<{ arn: string; isJoined: boolean }> {
    const known = await this.#tasks.ofToken(job);
    const joined = known.find(({ isUnderWay }) => isUnderWay) ?? known.findLast((each) => stands(each, job));
    if (joined) return { arn: joined.arn, isJoined: true };
    await this.#exchange.clearOutput(job);
    await this.#exchange.putInput(job);
    return { arn: await this.#tasks.start(job, known), isJoined: false };
  }

  async #ended(
    arn: string,
    job: ContainerJob,
    signal: AbortSignal,
    onProgress: (progress: JobProgress) => void,
    onLine: (line: string) => void,
  ): Promise<Found> {
    const log = new TaskLog(this.#logs, this.#options.place.logGroup, idOf(arn), onLine);
    let isLate = false;
    let state = '';
    let unseen = 0;
    for (let pause = FIRST_POLL; ; pause = Math.min(pause * POLL_GROWTH, LAST_POLL)) {
      const found = await this.#tasks.read(arn, job.subject);
      if (!found && (unseen += 1) > BLINKS)
        throw new TransientError(`${job.subject}: ECS does not show task ${idOf(arn)}. It is tried again.`);
      if (found && found.state !== state) onProgress({ jobRunId: idOf(arn), state: (state = found.state) });
      await log.look(found?.isUnderWay === false);
      if (found && !found.isUnderWay)
        return isLate ? { ...found, ranMs: Math.max(found.ranMs, job.timeoutMs) } : found;
      const left = found ? job.timeoutMs - (Date.now() - found.startedAt) : pause;
      if (left <= 0 && !isLate) {
        isLate = true;
        await this.#tasks.stop(arn, 'its time is over');
      }
      await wait(isLate ? pause : Math.min(pause, Math.max(left, 100)), undefined, { signal });
    }
  }

  async #stopped(arn: string, job: ContainerJob, reason: string): Promise<void> {
    await this.#tasks.stop(arn, reason);
    const patience = AbortSignal.timeout(STOP_PATIENCE);
    await this.#ended(
      arn,
      { ...job, timeoutMs: Infinity },
      patience,
      () => undefined,
      () => undefined,
    ).catch((error: unknown) => {
      if (!patience.aborted) throw error;
    });
  }

  async #outcome(found: Found, job: ContainerJob): Promise<ContainerOutcome> {
    const { arn, exitCode, ranMs, reason, isCarried } = found;
    const ending = endingOf(found, job.timeoutMs);
    if (exitCode === null && ending === 'exited') throw notBegun(job.subject, job.image, reason);
    const succeeded = endedWell(found, job.timeoutMs);
    if (succeeded && !isCarried)
      throw new TransientError(
        `${job.subject} has ended well, and what it gave did not reach the lake: ${reason}. Let the task role write to 'tasks/' of it, then rerun.`,
      );
    return {
      jobRunId: idOf(arn),
      succeeded,
      message: succeeded
        ? null
        : `ECS task ${idOf(arn)} ended with exit code ${String(exitCode)}: ${ending} (${reason})`,
      seconds: Math.round(ranMs / 1000),
      ending,
      exitCode,
      output: succeeded ? await this.#exchange.output(job, this.#options.outputLimit) : null,
    };
  }
}

/** One that was never begun, or was stopped by somebody, is followed by another. */
function stands(found: Found, job: ContainerJob): boolean {
  return !found.isUnderWay && found.exitCode !== null && isFinal(found, job);
}

function idOf(arn: string): string {
  return arn.slice(arn.lastIndexOf('/') + 1);
}
