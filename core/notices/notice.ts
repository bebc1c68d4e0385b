import type { DataInterval, Instant } from '../interval.ts';

/** How grave what a notice tells is. */
export const SEVERITIES = ['warning', 'error'] as const;
export type Severity = (typeof SEVERITIES)[number];

interface OfRun {
  readonly pipeline: string;
  readonly interval: DataInterval;
  readonly runId: string;
  /** Of the run in the Web UI. */
  readonly link?: string;
}

/** What people want to hear of without looking. */
export type Notice =
  | (OfRun & {
      readonly kind: 'run-failed';
      /** With the object's name and the next step, as all our errors have. */
      readonly message: string;
    })
  | (OfRun & {
      /** It succeeded, and checks of severity `warn` have found something. */
      readonly kind: 'run-warned';
      /** What they have found, the table first. */
      readonly warnings: readonly string[];
    })
  | (OfRun & {
      /** A step waits for a person. */
      readonly kind: 'approval';
      readonly workflowId: string;
      readonly step: string;
      /** What is to be approved. */
      readonly question: string;
    })
  | {
      readonly kind: 'stale';
      readonly pipeline: string;
      /** Which of the limits of its `freshness` the pipeline has crossed. */
      readonly severity: Severity;
      /** That limit: `'2 days'`. */
      readonly limit: string;
      /** The end of the newest interval that every table is loaded up to, ISO 8601 UTC; null: some table never was. */
      readonly loadedUpTo: Instant | null;
    }
  | {
      /** No run over an interval had succeeded by the clock time that the pipeline names. */
      readonly kind: 'deadline';
      readonly pipeline: string;
      readonly interval: DataInterval;
      /** When it had to be done. */
      readonly deadline: Instant;
    }
  | {
      /** What was told of before is over. */
      readonly kind: 'recovered';
      readonly pipeline: string;
      readonly severity: Severity;
      readonly of: readonly ('run-failed' | 'stale' | 'deadline')[];
      /** When it was told of, the first of them. */
      readonly since: Instant;
    };

/** A question to a person is as grave as a failure: nothing goes on without an answer. */
export function severityOf(notice: Notice): Severity {
  if ('severity' in notice) return notice.severity;
  return notice.kind === 'run-warned' ? 'warning' : 'error';
}
