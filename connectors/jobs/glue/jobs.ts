import { setTimeout as wait } from 'node:timers/promises';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { GlueClient, type JobRun } from '@aws-sdk/client-glue';
import { HandedOver, messageOf } from '../../../core/errors.ts';
import { logTail } from './log.ts';
import { endingOf, GlueRuns, hasEndedByItself, isUnderWay } from './runs.ts';
import type { JobOutcome, JobProgress, JobRunner, SparkJob } from '../port.ts';

export interface GlueOptions {
  /** Where absent, the SDK finds it in the environment. Endpoints: `AWS_ENDPOINT_URL_GLUE`, `AWS_ENDPOINT_URL_CLOUDWATCH_LOGS`. */
  readonly region?: string;
  /** A run of its token that has ended by itself is taken as the outcome; otherwise another is started. */
  readonly takesEnded?: boolean;
}

/** Polls come often at first, for short jobs, then seldom: GetJobRun is limited per account. Milliseconds. */
const FIRST_POLL = 500;
const LAST_POLL = 15_000;
const POLL_GROWTH = 1.3;
/** A job run that does not stop in this time is left to its own timeout. */
const STOP_PATIENCE = 120_000;
const SDK_ATTEMPTS = 4;
const MESSAGE_LIMIT = 2_000; // characters of the job's own error

/** AWS Glue: Spark jobs that are deployed by name. */
export class Glue implements JobRunner<SparkJob> {
  readonly #runs: GlueRuns;
  readonly #logs: CloudWatchLogsClient;
  readonly #takesEnded: boolean;

  constructor({ region, takesEnded = false }: GlueOptions = {}) {
    this.#takesEnded = takesEnded;
    const settings = region ? { region } : {};
    this.#runs = new GlueRuns(
      new GlueClient({ ...settings, maxAttempts: SDK_ATTEMPTS }),
      new GlueClient({ ...settings, maxAttempts: 1 }),
    );
    this.#logs = new CloudWatchLogsClient({ ...settings, maxAttempts: SDK_ATTEMPTS });
  }

  async run(
    request: SparkJob,
    signal: AbortSignal,
    onProgress?: (progress: JobProgress) => void,
  ): Promise<JobOutcome> {
    signal.throwIfAborted();
    const jobRunId = await this.#joinOrStart(request);
    try {
      return await this.#outcome(request.job, await this.#ended(request.job, jobRunId, signal, onProgress));
    } catch (error) {
      if (!signal.aborted) throw error;
      if (!(signal.reason instanceof HandedOver)) await this.#stopped(request.job, jobRunId);
      throw signal.reason;
    }
  }

  /** Asks for a stop of what is under way of a token; does not wait for it. May be repeated. */
  async stop({ job, token }: Pick<SparkJob, 'job' | 'token'>): Promise<void> {
    for (const { Id } of (await this.#runs.withToken(job, token)).filter(isUnderWay))
      if (Id) await this.#runs.stop(job, Id);
  }

  /** The oldest run of the token that is under way, else the last that has ended where those are taken, else a new one. */
  async #joinOrStart(request: SparkJob): Promise<string> {
    const runs = await this.#runs.withToken(request.job, request.token);
    const [first, ...doubles] = runs.filter(isUnderWay);
    // Two can only be there when an answer was lost and the run showed late; one is enough.
    for (const { Id } of doubles) if (Id) await this.#runs.stop(request.job, Id);
    const ended = this.#takesEnded ? runs.findLast(hasEndedByItself) : undefined;
    return first?.Id ?? ended?.Id ?? this.#runs.start(request);
  }

  async #ended(
    job: string,
    jobRunId: string,
    signal: AbortSignal | undefined,
    onProgress?: (progress: JobProgress) => void,
  ): Promise<JobRun> {
    for (let pause = FIRST_POLL; ; pause = Math.min(pause * POLL_GROWTH, LAST_POLL)) {
      const run = await this.#runs.read(job, jobRunId);
      onProgress?.({ jobRunId, state: run.JobRunState ?? 'UNKNOWN' });
      if (!isUnderWay(run)) return run;
      await wait(pause, undefined, signal ? { signal } : {});
    }
  }

  async #stopped(job: string, jobRunId: string): Promise<void> {
    await this.#runs.stop(job, jobRunId);
    const patience = AbortSignal.timeout(STOP_PATIENCE);
    await this.#ended(job, jobRunId, patience).catch((error: unknown) => {
      if (!patience.aborted) throw error;
    });
  }

  async #outcome(job: string, run: JobRun): Promise<JobOutcome> {
    const { Id: jobRunId = '', JobRunState = '', ErrorMessage, LogGroupName, ExecutionTime } = run;
    const seconds = ExecutionTime ?? null;
    const ending = endingOf(run);
    if (JobRunState === 'SUCCEEDED') return { jobRunId, succeeded: true, message: null, seconds, ending };
    const said = ErrorMessage?.slice(0, MESSAGE_LIMIT) ?? 'Glue gives no reason';
    const log = await logTail(this.#logs, LogGroupName ?? '/aws-glue/jobs', jobRunId).catch(messageOf);
    const message = `Glue job '${job}', run ${jobRunId}, ended as ${JobRunState}: ${said}\nEnd of its log:\n${log}`;
    return { jobRunId, succeeded: false, message, seconds, ending };
  }
}
