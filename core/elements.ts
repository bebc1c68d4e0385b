import type { RunRef } from './run.ts';
import type { ProjectWork, ResolvedTask } from './tasks.ts';

/** Elements that one step may be done for: what each gives, be it nothing, must fit into one result. */
export const MOST_ELEMENTS = 10_000;

/** An element for which a task was done, and what it gave. */
export interface ElementDone {
  /** Its place in the list, from 0. */
  readonly index: number;
  readonly element: unknown;
  readonly output: unknown;
  /** It asked that what follows is left out, and why. */
  readonly skipped?: string;
}

/** What a failed step leaves in the ledger for the run that repeats it. */
export interface ElementsDetail {
  readonly elements: readonly ElementDone[];
}

/** A task that is to be done for every element of a list. */
export interface MapRequest {
  readonly run: RunRef;
  readonly task: ResolvedTask<ProjectWork>;
  readonly elements: readonly unknown[];
  readonly max: number;
  /** Of the pipeline, where elements need a place in the task's pool. */
  readonly priority: number;
  readonly params: Readonly<Record<string, string>>;
  readonly results: Readonly<Record<string, unknown>>;
  /** Need not be done again. */
  readonly done: readonly ElementDone[];
}

export interface MapOutcome {
  /** In the order of their elements. */
  readonly done: readonly ElementDone[];
  /** Of all that was given together, as JSON; what is beyond `RESULT_LIMIT` is not in `done`. */
  readonly bytes: number;
  readonly failed: number;
  /** The first of them. */
  readonly failures: readonly { readonly index: number; readonly element: unknown; readonly error: string }[];
  /** Asked that what follows is skipped; why the first did. */
  readonly skipped: number;
  readonly skippedBecause: string | null;
  /** Elements that have ended without a result that is kept. */
  readonly ended: readonly number[];
}

/** An element in a message: its place, and what it is if that is short. */
export function elementText(index: number, element: unknown): string {
  const text = JSON.stringify(element);
  return `[${index}] ${text.length > 80 ? `${text.slice(0, 79)}…` : text}`;
}

/** Of what was done before, that which was done for these very elements. */
export function stillDone(done: readonly ElementDone[], elements: readonly unknown[]): ElementDone[] {
  return done.filter(
    ({ index, element }) =>
      index < elements.length && JSON.stringify(element) === JSON.stringify(elements[index]),
  );
}
