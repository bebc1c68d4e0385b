export interface JobRequest {
  /** The job's name where it is deployed. */
  readonly job: string;
  /** Names this piece of work: runs of the same token never overlap. */
  readonly token: string;
  /** `--name` to value; never a secret, for everybody who may look at the job reads them. */
  readonly arguments: Readonly<Record<string, string>>;
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
}

/** Runs deployed Spark jobs somewhere else. */
export interface JobRunner {
  /**
   * Runs a job to its end. May be called again with the same token after a worker's death or a lost answer: a run of it that is
   * under way is joined. One that has ended is followed by another, so look first whether the work is already done.
   * On abort the job run is stopped, and has stopped when the promise settles; with the reason `HandedOver` it is left alone.
   * @throws {TerminalError} the job is not deployed, or may not be started
   * @throws {TransientError} too many runs at once, or the service is busy or out of reach
   * @throws the signal's reason when aborted
   */
  run(
    request: JobRequest,
    signal: AbortSignal,
    onProgress?: (progress: JobProgress) => void,
  ): Promise<JobOutcome>;
}
