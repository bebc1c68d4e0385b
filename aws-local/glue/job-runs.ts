import { randomBytes } from 'node:crypto';
import type { Fenced } from '../services/fenced.ts';
import { errorMessage, launch, tidy, type JobEnvironment } from './job-process.ts';
import { isOver, type JobRun, type LocalJob } from './jobs.ts';
import { ServiceError } from '../services/service-error.ts';

const DEFAULT_TIMEOUT_MINUTES = 480;

/** The jobs that are deployed and their runs, newest first. */
export class JobRuns {
  readonly #jobs: ReadonlyMap<string, LocalJob>;
  readonly #environment: JobEnvironment;
  readonly #runs: JobRun[] = [];
  readonly #processes = new Map<string, Fenced>();
  readonly #ended = new Map<string, Promise<void>>();

  constructor(jobs: readonly LocalJob[], environment: JobEnvironment) {
    this.#jobs = new Map(jobs.map((job) => [job.Name, job]));
    this.#environment = environment;
  }

  /** @throws {ServiceError} EntityNotFoundException */
  job(name: string): LocalJob {
    const job = this.#jobs.get(name);
    if (!job) throw new ServiceError('EntityNotFoundException', `Failed to get job ${name}`);
    return job;
  }

  start(name: string, given: Readonly<Record<string, string>>): JobRun {
    const job = this.job(name);
    const live = this.#runs.filter((run) => run.JobName === name && !isOver(run));
    if (live.length >= (job.MaxConcurrentRuns ?? 1)) {
      throw new ServiceError('ConcurrentRunsExceededException', `Concurrent runs exceeded for ${name}`);
    }
    const now = Date.now() / 1000;
    const run: JobRun = {
      Id: `jr_${randomBytes(32).toString('hex')}`,
      JobName: name,
      Arguments: { ...given },
      Attempt: 0,
      GlueVersion: '5.1',
      LogGroupName: '/aws-glue/jobs',
      StartedOn: now,
      LastModifiedOn: now,
      JobRunState: 'STARTING',
      ExecutionTime: 0,
    };
    this.#runs.unshift(run);
    this.#ended.set(run.Id, this.#carryOut(job, run));
    return run;
  }

  /** @throws {ServiceError} EntityNotFoundException */
  run(name: string, runId: string): JobRun {
    const run = this.#runs.find(({ Id, JobName }) => Id === runId && JobName === name);
    if (!run) throw new ServiceError('EntityNotFoundException', `Job run ${runId} not found`);
    return run;
  }

  runsOf(name: string): readonly JobRun[] {
    this.job(name);
    return this.#runs.filter((run) => run.JobName === name);
  }

  stop(name: string, runId: string): void {
    const run = this.run(name, runId);
    if (isOver(run)) throw new ServiceError('InvalidInputException', `Job run ${runId} is not running`);
    this.#moveTo(run, 'STOPPING');
    void this.#processes.get(runId)?.stop();
  }

  /** Ends every process. */
  async close(): Promise<void> {
    await Promise.all([...this.#processes.values()].map((process) => process.stop()));
    await Promise.all(this.#ended.values());
  }

  async #carryOut(job: LocalJob, run: JobRun): Promise<void> {
    const { folder } = this.#environment;
    const minutes = job.Timeout ?? DEFAULT_TIMEOUT_MINUTES;
    const timeout = { reached: false };
    try {
      const process = await launch(job, run, this.#environment);
      this.#processes.set(run.Id, process);
      if (isStopping(run)) void process.stop();
      else this.#moveTo(run, 'RUNNING');
      const timer = setTimeout(() => {
        timeout.reached = true;
        void process.stop();
      }, minutes * 60_000);
      const code = await process.exited;
      clearTimeout(timer);
      this.#processes.delete(run.Id);
      if (code !== 0) run.ErrorMessage = await errorMessage(folder, run.Id);
      if (timeout.reached) run.ErrorMessage = 'Job run has exceeded its timeout';
      const stopped = isStopping(run);
      if (stopped) delete run.ErrorMessage;
      this.#moveTo(
        run,
        stopped ? 'STOPPED' : timeout.reached ? 'TIMEOUT' : code === 0 ? 'SUCCEEDED' : 'FAILED',
      );
    } catch (error) {
      run.ErrorMessage = `LAUNCH ERROR | ${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}`;
      this.#moveTo(run, 'FAILED');
    } finally {
      run.CompletedOn = run.LastModifiedOn;
      run.ExecutionTime = Math.round(run.CompletedOn - run.StartedOn);
      await tidy(folder, run.Id);
    }
  }

  #moveTo(run: JobRun, state: JobRun['JobRunState']): void {
    run.JobRunState = state;
    run.LastModifiedOn = Date.now() / 1000;
  }
}

function isStopping({ JobRunState }: JobRun): boolean {
  return JobRunState === 'STOPPING';
}
