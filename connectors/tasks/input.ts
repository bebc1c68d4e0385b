import type { TaskInput } from './port.ts';

/** What a task finds in the file `$SLUICE_INPUT`. */
export interface TaskDocument extends Pick<TaskInput, 'params' | 'results' | 'attempt' | 'datasets'> {
  readonly pipeline: string;
  readonly interval: { readonly start: string; readonly end: string };
  readonly run: { readonly runId: string; readonly workflowId: string };
  /** Of a task that is done for each of a list: the one that it is done for. */
  readonly element?: unknown;
  /** Its place in the list, from 0. */
  readonly index?: number;
}

export function documentOf({ run, params, results, attempt, element, datasets }: TaskInput): TaskDocument {
  const { pipeline, interval, runId, workflowId } = run;
  const of = element && { element: element.value, index: element.index };
  return {
    pipeline,
    interval,
    run: { runId, workflowId },
    params,
    results,
    attempt,
    ...of,
    ...(datasets && { datasets }),
  };
}

/** What of the worker's own environment a program needs; its credentials stay behind. */
const INHERITED = ['PATH', 'HOME', 'TMPDIR', 'LANG', 'LC_ALL', 'TZ'] as const;

/** Of the worker's own environment. */
export function workersOwn(): Readonly<Record<string, string>> {
  const own = INHERITED.flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries(own);
}

/** The common ones as plain variables, for programs that read no JSON. */
export function runVariablesOf({ run, attempt }: TaskInput): Readonly<Record<string, string>> {
  return {
    SLUICE_PIPELINE: run.pipeline,
    SLUICE_INTERVAL_START: run.interval.start,
    SLUICE_INTERVAL_END: run.interval.end,
    SLUICE_RUN_ID: run.runId,
    SLUICE_ATTEMPT: String(attempt),
  };
}
