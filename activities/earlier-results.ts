import { TerminalError } from '../core/errors.ts';
import { intervalText } from '../core/interval.ts';
import { fromStepOn, type Plan } from '../core/plan.ts';
import { stepKey, type RunRef } from '../core/run.ts';
import type { RunPipelineInput } from '../core/run-input.ts';
import type { Ledger, StepRecord } from '../connectors/ledger/port.ts';

/**
 * Results that need not be made again, by step key: of the run to resume, or of the newest run that has the steps before `fromStep`.
 * The models are one for all intervals: what an earlier run says of them counts only where no later build, of whichever interval,
 * went wrong.
 * @throws {TerminalError} a step before `fromStep` has no result, or one that a later attempt has failed to make again
 */
export async function earlierResults(
  ledger: Pick<Ledger, 'runs' | 'steps' | 'newestBuild'>,
  run: Pick<RunRef, 'pipeline' | 'interval'>,
  plan: Plan,
  { resume, fromStep }: Pick<RunPipelineInput, 'resume' | 'fromStep'>,
): Promise<Record<string, unknown>> {
  if (resume !== undefined) return resultsOf(ledger, run, plan, resume);
  if (fromStep === undefined) return {};
  const again = fromStepOn(plan, fromStep);
  const before = plan.filter(({ key }) => !again.has(key));
  const isBefore = new Set(before.map(({ key }) => key));
  const earlier = await ledger.runs({ pipeline: run.pipeline, interval: run.interval });
  const results: Record<string, unknown> = {};
  const failed = new Map<string, { readonly how: string; readonly runId: string }>();
  // Newest run first, so what is met first of a key is what counts.
  const order = new Map(earlier.map(({ runId }, index) => [runId, index]));
  const steps = (await ledger.steps([...order.keys()])).filter((each) => isBefore.has(keyOf(each)));
  steps.sort((a, b) => (order.get(a.runId) ?? 0) - (order.get(b.runId) ?? 0));
  for (const step of steps) {
    const key = keyOf(step);
    if (isDone(step)) results[key] ??= step.result;
    else if ((isBroken(step) || hasAskedToBeSkipped(step)) && !(key in results) && !failed.has(key))
      failed.set(key, { how: isBroken(step) ? 'failed' : 'asked to be skipped', runId: step.runId });
  }
  if ('transform' in results) {
    const build = await ledger.newestBuild(run.pipeline);
    if (build && isBroken(build)) failed.set('transform', { how: 'failed', runId: build.runId });
  }
  const where = `Cannot start ${run.pipeline} ${intervalText(run.interval)} at '${fromStep}':`;
  for (const [key, { how, runId }] of failed)
    if (key in results)
      throw new TerminalError(
        `${where} ${key} ${how} in ${runId}; rerun from there: 'sluice rerun ${runId} --from-step ${key}'.`,
      );
  const missing = before
    .filter(({ kind, key }) => (kind === 'extract' || kind === 'load') && !(key in results))
    .map(({ key }) => key);
  if (missing.length) {
    throw new TerminalError(
      `${where} no earlier run has a result for ${missing.join(', ')}. Run the interval without 'fromStep'.`,
    );
  }
  return results;
}

async function resultsOf(
  ledger: Pick<Ledger, 'steps' | 'newestBuild'>,
  { pipeline }: Pick<RunRef, 'pipeline'>,
  plan: Plan,
  resume: string,
): Promise<Record<string, unknown>> {
  const steps = await ledger.steps([resume]);
  // What was extracted may be why its load failed, and mended in the source since: such a table is extracted again.
  const refused = new Set(steps.flatMap((each) => (isRefusedLoad(each) ? each.table : [])));
  const build = steps.some(({ step }) => step === 'transform') && (await ledger.newestBuild(pipeline));
  // One that is under way in a run that was ended from outside is as good as broken.
  const isRebuilt = build && (isBroken(build) || (build.outcome === 'running' && build.runId !== resume));
  const results = new Map(
    steps
      // Pages of a run that failed say so: they are made again.
      .filter((each) => isDone(each) && each.step !== 'pages' && !refused.has(each.table))
      .filter(({ step }) => !(step === 'transform' && isRebuilt))
      .map((step) => [keyOf(step), step.result]),
  );
  // One that began and then asked to be skipped is asked again.
  const leftOut = new Set(
    steps.filter((step) => step.outcome === 'skipped' && !hasAskedToBeSkipped(step)).map(keyOf),
  );
  // What comes after a step that is done again, an alarm or a clean-up, is as well: its result is of another end.
  const again = new Set<string>();
  for (const { key, after } of plan)
    if (after.some((each) => again.has(each)) || !(results.has(key) || leftOut.has(key))) again.add(key);
  return Object.fromEntries([...results].filter(([key]) => !again.has(key)));
}

const isDone = ({ outcome }: Pick<StepRecord, 'outcome'>): boolean => outcome === 'succeeded';
const isBroken = ({ outcome }: Pick<StepRecord, 'outcome'>): boolean =>
  outcome === 'failed' || outcome === 'cancelled';
/** It began, and found that there is nothing to do. */
const hasAskedToBeSkipped = ({ step, outcome, attempt }: StepRecord): boolean =>
  step === 'task' && outcome === 'skipped' && attempt > 0;
const isRefusedLoad = (step: StepRecord): boolean => step.step === 'load' && step.outcome === 'failed';
const keyOf = (step: StepRecord): string => stepKey(step.step, step.table);
