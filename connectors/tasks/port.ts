import type { RunRef } from '../../core/run.ts';
import type { ProjectWork, ResolvedTask, TaskResult } from '../../core/tasks.ts';

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
  /** Of a task that makes datasets: those that are to be made now, by name. */
  readonly datasets?: Readonly<Record<string, DatasetInput>>;
}

/** What a dataset is to be made from, and where. Plain JSON: the task finds it in its input. */
export interface DatasetInput {
  /** Where its files go, and `_dataset.json` at last: an address that ends without `/`. */
  readonly uri: string;
  readonly partitionedBy: readonly string[];
  /** What it is now, to go on from; null where it is to be made anew. */
  readonly present: { readonly files: readonly string[] } | null;
  readonly from: Readonly<Record<string, TableInput>>;
}

/** Files of a table in the lake, pinned for an attempt. */
export interface TableInput {
  readonly mode: string;
  readonly primaryKey: readonly string[];
  /** Of the newest load. */
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  /** They hold all of the table, and nothing of it is to be taken from elsewhere. */
  readonly whole: boolean;
  /** Oldest first, each with its files. */
  readonly loads: readonly { readonly loadId: string; readonly files: readonly string[] }[];
}

/** Does the tasks of pipelines. */
export interface Tasks {
  /**
   * Does a task once, to its end. Stops it, with all that it has started, when the signal aborts or its timeout is over; what it has
   * started does not outlive the worker either. What it does elsewhere does, and an attempt joins what an earlier one has begun
   * there; it is left alone where the signal's reason is `HandedOver`.
   * @param onLine takes each line that it writes, in order
   * @throws {OwnFailure} it failed, or ran out of time
   * @throws {TerminalError} it cannot be started, or gave something that is no JSON or too large
   * @throws {TransientError} it asks to be tried again, or was killed
   */
  run(
    task: ResolvedTask<ProjectWork>,
    input: TaskInput,
    signal: AbortSignal,
    onLine: (line: string) => void,
  ): Promise<TaskResult>;

  /** Ends and removes what tasks of a run have elsewhere. May be repeated. */
  release(runId: string): Promise<void>;
}
