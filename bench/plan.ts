import { InvalidInput } from '../core/errors.ts';
import { resolvePipeline } from '../core/resolve.ts';
import { aPipeline } from './pipeline.ts';
import { median } from './figures.ts';

/** Milliseconds in which a pipeline of so many steps is validated and planned: one that holds, and one of which every name is wrong. */
export function benchPlan(
  steps = 500,
  turns = 21,
): { readonly steps: number; readonly valid: number; readonly wrong: number } {
  const chain = (nameOf: (step: number) => string) =>
    aPipeline(
      'chain',
      Object.fromEntries(
        Array.from({ length: steps }, (_, step) => [
          `step_${step}`,
          { script: ['true'], ...(step ? { after: [nameOf(step - 1)] } : {}) },
        ]),
      ),
    );
  const valid = chain((step) => `step_${step}`);
  const wrong = chain((step) => `stpe_${step}`);
  return {
    steps,
    valid: timed(() => resolvePipeline(valid), turns),
    wrong: timed(() => refused(wrong), turns),
  };
}

function refused(pipeline: object): void {
  try {
    resolvePipeline(pipeline);
  } catch (error) {
    if (error instanceof InvalidInput) return;
    throw error;
  }
  throw new Error('it was not refused');
}

function timed(work: () => unknown, turns: number): number {
  return median(
    Array.from({ length: turns }, () => {
      const began = performance.now();
      work();
      return performance.now() - began;
    }),
  );
}
