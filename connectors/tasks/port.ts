import type { RunRef } from '../../core/run.ts';
import type { ResolvedTask, TaskResult, Work } from '../../core/tasks.ts';

/** What a task is told of its run. */
export interface TaskInput {
  readonly run: RunRef;
  /** Of the run: `--param name=value`. */
  readonly params: Readonly<Record<string, string>>;
  /** What the steps gave that the task comes after, by their keys; nothing of those that were skipped or failed. */
  readonly results: Readonly<Record<string, unknown>>;
  /** The one of a list that it is done for, and its place in it, from 0. */
  readonly element?: { readonly value: unknown; readonly index: number };
  /** From 1. */
  readonly attempt: number;
}

/** Does the tasks of pipelines. */
export interface Tasks {
  /**
   * Does a task once, to its end. Stops it, with all that it has started, when the signal aborts or its timeout is over; what it has
   * started does not outlive the worker either. What it does elsewhere does, and an attempt joins what an earlier one has begun
   * there; it is left alone where the signal's reason is `HandedOver`.
   * @param onLine takes each line that it writes, in order
   * @throws {TerminalError} it cannot be started, failed, ran out of time, or gave something that is no JSON or too large
   * @throws {TransientError} it asks to be tried again, or was killed
   */
  run(
    task: ResolvedTask<Work>,
    input: TaskInput,
    signal: AbortSignal,
    onLine: (line: string) => void,
  ): Promise<TaskResult>;

  /** Ends and removes what tasks of a run have elsewhere. May be repeated. */
  release(runId: string): Promise<void>;
}
