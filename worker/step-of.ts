import { STEPS, type RunRef, type Step } from '../core/run.ts';

/** An activity that is a step of a run. */
export interface StepCall {
  readonly step: Step;
  readonly run: RunRef;
  /** Or task. */
  readonly table: string | null;
}

/** An activity is a step of a run where its name is a step's, its first argument the run. */
export function stepOf(activityType: string, args: readonly unknown[]): StepCall | undefined {
  const step = activityType === 'runTask' ? 'task' : STEPS.find((name) => name === activityType);
  if (!step) return undefined;
  const subject = args.find(
    (arg): arg is { name: string } =>
      typeof arg === 'object' && arg !== null && ('domain' in arg || 'does' in arg),
  );
  return { step, run: args[0] as RunRef, table: subject?.name ?? null };
}
