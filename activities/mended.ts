import type { Registry } from '../core/registry.ts';

/** A definition that does not hold: somebody is at work on it, and what was started of it waits. */
export interface Broken {
  /** In words. */
  readonly broken: string;
}

/** Undefined of a definition that holds, and of one that there is none of. */
export function brokenOf({ broken }: Registry, pipeline: string): Broken | undefined {
  const problem = broken?.get(pipeline);
  return problem && { broken: problem.message };
}
