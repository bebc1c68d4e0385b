import { withTimeLimit } from '../../../core/abort.ts';
import { TerminalError } from '../../../core/errors.ts';
import type { Exchange } from '../exchange.ts';
import type {
  JobOutcome,
  JobProgress,
  JobRunner,
  SparkJob,
  SparkOutcome,
  SparkRunner,
  SparkTaskJob,
} from '../port.ts';
import { argumentsOf } from '../spark-arguments.ts';

/** What `Glue` does of jobs. */
export interface StoppableJobs extends JobRunner<SparkJob> {
  stop(job: Pick<SparkJob, 'job' | 'token'>): Promise<void>;
}

export interface GlueSparkOptions {
  /** Takes the outcome of a run of a token that has ended. */
  readonly jobs: StoppableJobs;
  readonly exchange: Exchange;
  /** Begins the names of jobs where they are deployed: `sluice-prod-`. */
  readonly prefix: string;
  /** Bytes that an output may have. */
  readonly outputLimit: number;
}

/** Jobs of tasks on AWS Glue: input and output pass by S3. What may run for how long is the job's own setting there; the task's time is kept here. */
export class GlueSpark implements SparkRunner {
  readonly #options: GlueSparkOptions;

  constructor(options: GlueSparkOptions) {
    this.#options = options;
  }

  async run(
    job: SparkTaskJob,
    signal: AbortSignal,
    onProgress?: (progress: JobProgress) => void,
  ): Promise<SparkOutcome> {
    const { jobs, exchange, prefix, outputLimit } = this.#options;
    signal.throwIfAborted();
    const secrets = Object.keys(job.environment);
    if (secrets.length)
      throw new TerminalError(
        `${job.subject}: a job on Glue is given no variables (${secrets.join(', ')}). Let it read its secrets by their ARN, and take 'env' of the task out of the profile.`,
      );
    const asked = { job: `${prefix}${job.job}`, token: job.token };
    // Whoever ends the run finds by it what may still be at work.
    await exchange.putInput(job, asked);
    const words = argumentsOf(job, exchange.uri(job, 'input'), exchange.uri(job, 'output'));
    const given = Object.fromEntries(
      words.flatMap((word, at) => (at % 2 === 0 ? [[word, words[at + 1] ?? '']] : [])),
    );
    let outcome: JobOutcome;
    const clock = { isOver: false };
    try {
      outcome = await withTimeLimit(job.timeoutMs, signal, (stop, limit) =>
        jobs
          .run({ ...asked, arguments: given }, stop, onProgress)
          .finally(() => (clock.isOver = limit.aborted)),
      );
    } catch (error) {
      if (signal.aborted || !clock.isOver) throw error;
      return {
        jobRunId: '',
        succeeded: false,
        message: null,
        seconds: null,
        ending: 'timed out',
        output: null,
      };
    }
    // Nothing is left of it to be stopped; an attempt that asks for it once more puts its input there again.
    await exchange.clearInput(job);
    const output = outcome.succeeded ? await exchange.output(job, outputLimit) : null;
    return { ...outcome, output };
  }

  async release(owner: string): Promise<void> {
    const { jobs, exchange } = this.#options;
    const stops = (await exchange.inputs(owner)).map(async ({ job, token }) => {
      if (job !== undefined && token !== undefined) await jobs.stop({ job, token });
    });
    const ended = await Promise.allSettled(stops);
    const failed = ended.find((each) => each.status === 'rejected');
    // What lies there names those that could not be stopped, for whoever repeats this.
    if (failed) throw failed.reason;
    await exchange.forget(owner);
  }
}
