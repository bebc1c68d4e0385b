/** A piece of work that is done somewhere else. */
export interface JobRequest {
  /** Names this piece of work: runs of the same token never overlap. */
  readonly token: string;
}

export interface JobProgress {
  readonly jobRunId: string;
  /** The state in the service's own words. */
  readonly state: string;
}

export interface JobOutcome {
  readonly jobRunId: string;
  readonly succeeded: boolean;
  /** Of a job that did not succeed: its state, its own error and the end of its log. */
  readonly message: string | null;
  /** As far as the service says. */
  readonly seconds: number | null;
  readonly ending: JobEnding;
}

/** `killed`: from outside, or by a signal that neither its memory nor its time explains. */
export type JobEnding = 'exited' | 'killed' | 'out of memory' | 'timed out';

/** Runs jobs somewhere else. */
export interface JobRunner<Request extends JobRequest, Outcome extends JobOutcome = JobOutcome> {
  /**
   * Runs a job to its end. May be called again with the same token after a worker's death or a lost answer: a run of it that is
   * under way is joined. One that has ended is followed by another, so look first whether the work is already done; a runner of
   * containers knows that by itself.
   * On abort the job run is stopped, and has stopped when the promise settles; with the reason `HandedOver` it is left alone.
   * @param onLine takes the lines that it writes while it runs, from where the service shows them; not in the outcome's message then
   * @throws {TerminalError} the job is not deployed, or may not be started
   * @throws {TransientError} too many runs at once, or the service is busy or out of reach
   * @throws the signal's reason when aborted
   */
  run(
    request: Request,
    signal: AbortSignal,
    onProgress?: (progress: JobProgress) => void,
    onLine?: (line: string) => void,
  ): Promise<Outcome>;
}

/** A Spark job that is deployed by name. */
export interface SparkJob extends JobRequest {
  /** The job's name where it is deployed. */
  readonly job: string;
  /** `--name` to value; never a secret, for everybody who may look at the job reads them. */
  readonly arguments: Readonly<Record<string, string>>;
}

/** A Spark job of the project, which is told of a task and gives a result. It finds `--input-uri`, `--output-uri` and `--token` among its arguments. */
export interface SparkTaskJob extends SparkJob {
  /** `shop's task 'prepare'`, for messages. */
  readonly subject: string;
  /** Whose it is: all that one owner has is given up together. */
  readonly owner: string;
  /** For people who look at what runs: letters, digits and `-`. */
  readonly name: string;
  /** Secrets. */
  readonly environment: Readonly<Record<string, string>>;
  /** Text that it finds at `--input-uri`. */
  readonly input: string;
  /** Of one attempt. */
  readonly timeoutMs: number;
}

export interface SparkOutcome extends JobOutcome {
  readonly output: JobOutput | null;
}

/** Runs Spark jobs of tasks. */
export interface SparkRunner extends JobRunner<SparkTaskJob, SparkOutcome> {
  /** Ends what an owner still has at work, and removes what its jobs have left for each other. May be repeated. */
  release(owner: string): Promise<void>;
}

/** What a job has left as its result; the text is null where it is larger than a result may be. */
export interface JobOutput {
  readonly bytes: number;
  readonly text: string | null;
}

/** One container, to its end. */
export interface ContainerJob extends JobRequest {
  /** `shop's task 'score'`, for messages. */
  readonly subject: string;
  /** Whose it is: all that one owner has is given up together. */
  readonly owner: string;
  /** For people who look at what runs: letters, digits and `-`. */
  readonly name: string;
  readonly image: string;
  /** Empty: what the image says. */
  readonly command: readonly string[];
  /** Cores. */
  readonly cpu?: number | undefined;
  /** Bytes. */
  readonly memory?: number | undefined;
  readonly environment: Readonly<Record<string, string>>;
  /** Text that it finds in the file `$SLUICE_INPUT`. */
  readonly input: string;
  /** Counted from its start, whoever started it. */
  readonly timeoutMs: number;
  /** An attempt that finds it failed runs it again, whatever it failed of. */
  readonly retriesFailures: boolean;
}

export interface ContainerOutcome extends JobOutcome {
  /** Of its first process; null where it was never begun. */
  readonly exitCode: number | null;
  /** What it has left in the file `$SLUICE_OUTPUT`; null: nothing. */
  readonly output: JobOutput | null;
}

/**
 * Runs containers. What a container gave is kept until its owner is released: an attempt that finds it ended takes the outcome,
 * and runs it again only where it or its task asked for that, or it was killed.
 */
export interface ContainerRunner extends JobRunner<ContainerJob, ContainerOutcome> {
  /** Ends and removes all that an owner has. May be repeated. */
  release(owner: string): Promise<void>;
}
