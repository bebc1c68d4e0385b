import type { PlannedStep } from '../core/plan.ts';
import { reason, runFailed } from './failures.ts';

type Failures = readonly { readonly step: PlannedStep; readonly error: unknown }[];

/** One failure for all steps of a run that failed: their own where there is one of them that is built in. */
export function stepsFailed(failures: Failures, tables: number, runId: string): unknown {
  const [first] = failures;
  const isOfTable = ({ step }: Failures[number]) => step.kind === 'extract' || step.kind === 'load';
  // Tables that are extracted together fail together.
  const isOne = failures.length > 1 && failures.every(({ error }) => error === first?.error);
  const isBuiltIn =
    failures.length === 1 && failures.every((each) => !isOfTable(each) && each.step.kind !== 'task');
  if (isOne || isBuiltIn) return first?.error;
  const next = `Mend the cause, then 'sluice rerun ${runId}' does only what is missing.`;
  if (failures.every(isOfTable)) {
    const lines = failures.map(({ step, error }) => `  - ${step.subject ?? ''}: ${reason(error)}`);
    const others = failures.length < tables ? '; the others are loaded' : '';
    return runFailed(
      'TablesFailed',
      `${failures.length} of ${tables} tables failed${others}:\n${lines.join('\n')}\n${next}`,
      first?.error,
    );
  }
  const lines = failures.map(({ step, error }) => `  - ${step.key}: ${reason(error)}`);
  const steps = failures.length === 1 ? 'A step' : `${failures.length} steps`;
  return runFailed('StepsFailed', `${steps} failed:\n${lines.join('\n')}\n${next}`, first?.error);
}
