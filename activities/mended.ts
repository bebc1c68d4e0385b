import { Unreachable } from '../core/errors.ts';
import type { Registry } from '../core/registry.ts';

/**
 * A definition that does not hold is one that somebody is at work on: what was started of it waits until it does, for as long as one
 * waits for whoever is away.
 * @throws {Unreachable}
 */
export function mustNotBeBroken({ broken }: Registry, pipeline: string): void {
  const problem = broken?.get(pipeline);
  if (problem)
    throw new Unreachable(`${problem.message}\nWhat was started of it waits until that is mended.`, {
      cause: problem,
    });
}
