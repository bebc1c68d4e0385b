/** One run that has ended, in numbers. */
export interface RunMetrics {
  readonly pipeline: string;
  readonly outcome: 'succeeded' | 'failed' | 'cancelled';
  readonly seconds: number;
  readonly rows: number;
  readonly bytes: number;
  /** Of each table that was loaded: seconds from the end of its interval to the load. */
  readonly lagSeconds: Readonly<Record<string, number>>;
}

/** Where numbers go, beside the worker's Prometheus endpoint. */
export interface Metrics {
  /** May be called again; the numbers then count twice. @throws {TerminalError | TransientError} */
  record(run: RunMetrics, at: Date): Promise<void>;
  /** How many pipelines are older than they allow themselves to be. May be called again. @throws {TerminalError | TransientError} */
  recordFreshness(breaches: number, at: Date): Promise<void>;
}
