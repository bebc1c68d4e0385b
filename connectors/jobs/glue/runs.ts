import {
  BatchStopJobRunCommand,
  GetJobRunCommand,
  type GlueClient,
  type JobRun,
  paginateGetJobRuns,
  StartJobRunCommand,
} from '@aws-sdk/client-glue';
import { TransientError } from '../../../core/errors.ts';
import { glueFailure, wasRefused } from './errors.ts';
import type { JobEnding, SparkJob } from '../port.ts';

/** Runs older than this are not looked through for a token: no step is retried for so long. */
const LOOK_BACK_MS = 7 * 86_400_000;

const UNDER_WAY: readonly string[] = ['STARTING', 'RUNNING', 'WAITING', 'STOPPING'];

export function isUnderWay({ JobRunState }: JobRun): boolean {
  return JobRunState !== undefined && UNDER_WAY.includes(JobRunState);
}

/** And was stopped by nobody. */
export function hasEndedByItself({ JobRunState }: JobRun): boolean {
  return JobRunState === 'SUCCEEDED' || JobRunState === 'FAILED' || JobRunState === 'TIMEOUT';
}

/** What was stopped by somebody, or failed with Glue itself, was killed: the job has had no part in it. */
export function endingOf(run: JobRun): JobEnding {
  if (run.JobRunState === 'TIMEOUT') return 'timed out';
  return hasEndedByItself(run) ? 'exited' : 'killed';
}

/** Job runs of Glue, found by the token in their arguments. https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-jobs-runs.html */
export class GlueRuns {
  readonly #client: GlueClient;
  /** A client that never repeats a request: `StartJobRun` has no token of its own. */
  readonly #once: GlueClient;

  constructor(client: GlueClient, once: GlueClient) {
    this.#client = client;
    this.#once = once;
  }

  /** Runs of a token, oldest first. */
  async withToken(job: string, token: string): Promise<JobRun[]> {
    const found: JobRun[] = [];
    const since = Date.now() - LOOK_BACK_MS;
    try {
      for await (const { JobRuns = [] } of paginateGetJobRuns({ client: this.#client }, { JobName: job })) {
        found.push(...JobRuns.filter((run) => run.Arguments?.['--token'] === token));
        if (JobRuns.some(({ StartedOn }) => StartedOn && StartedOn.getTime() < since)) break; // newest come first
      }
    } catch (error) {
      throw glueFailure(error, job);
    }
    return found.sort((a, b) => (a.StartedOn?.getTime() ?? 0) - (b.StartedOn?.getTime() ?? 0));
  }

  /**
   * Starts a run. Where the answer is lost, the caller tries again and first looks for the token.
   * @returns the id of the job run
   */
  async start({ job, token, arguments: given }: SparkJob): Promise<string> {
    try {
      const { JobRunId } = await this.#once.send(
        new StartJobRunCommand({ JobName: job, Arguments: { ...given, '--token': token } }),
      );
      if (JobRunId) return JobRunId;
    } catch (error) {
      if (wasRefused(error)) throw glueFailure(error, job);
      const [started] = (await this.withToken(job, token)).filter(isUnderWay);
      if (started?.Id) return started.Id;
      throw glueFailure(error, job);
    }
    throw new TransientError(`Glue job '${job}': Glue named no run. Try again.`);
  }

  async read(job: string, jobRunId: string): Promise<JobRun> {
    try {
      const { JobRun } = await this.#client.send(new GetJobRunCommand({ JobName: job, RunId: jobRunId }));
      if (JobRun) return JobRun;
    } catch (error) {
      throw glueFailure(error, job);
    }
    throw new TransientError(`Glue job '${job}': Glue does not show run ${jobRunId}. Try again.`);
  }

  /** Asks for a stop; a run that has ended meanwhile is as good as stopped. */
  async stop(job: string, jobRunId: string): Promise<void> {
    try {
      await this.#client.send(new BatchStopJobRunCommand({ JobName: job, JobRunIds: [jobRunId] }));
    } catch (error) {
      throw glueFailure(error, job);
    }
  }
}
