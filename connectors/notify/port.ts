import type { DataInterval } from '../../core/interval.ts';

/** What people want to hear of without looking. */
export type Notice =
  | {
      readonly kind: 'run-failed';
      readonly pipeline: string;
      readonly interval: DataInterval;
      readonly runId: string;
      /** With the object's name and the next step, as all our errors have. */
      readonly message: string;
      /** Of the run in the Web UI. */
      readonly link?: string;
    }
  | {
      /** It succeeded, and checks of severity `warn` have found something. */
      readonly kind: 'run-warned';
      readonly pipeline: string;
      readonly interval: DataInterval;
      readonly runId: string;
      /** What they have found, the table first. */
      readonly warnings: readonly string[];
      readonly link?: string;
    }
  | {
      readonly kind: 'stale';
      readonly pipeline: string;
      /** Which of the limits of its `freshness` the pipeline has crossed. */
      readonly severity: 'warning' | 'error';
      /** That limit: `'2 days'`. */
      readonly limit: string;
      /** The end of the newest interval that every table is loaded up to, ISO 8601 UTC; null: some table never was. */
      readonly loadedUpTo: string | null;
    };

/** Tells people. */
export interface Notify {
  /**
   * Sends one notice. May be called again, and people may then hear it twice: no door here can tell.
   * @throws {TerminalError} the address is wrong, or may not be used
   * @throws {TransientError} it could not be reached
   */
  send(notice: Notice): Promise<void>;
}
