import { orAborted } from '../core/abort.ts';
import { endOf, type Step } from '../core/run.ts';
import type { Connectors } from './connectors.ts';
import { putQuestion, type Question } from './questions.ts';
import { tell } from './tell.ts';

/** Of a step that the run carries out by itself there is one attempt: the workflow's. */
const ATTEMPT = 1;
/** As long as telling people may hold up a step. */
const AT_MOST_MS = 5_000;

/** What a step waits for. */
export interface Waiting {
  /** In words. */
  readonly for: string;
  readonly asks?: Omit<Question, 'step'>;
}

/**
 * Writes down that a step which the run carries out by itself has begun, and what it waits for; whoever it asks is told, now or
 * with the next look at everything. May be repeated.
 */
export async function beginStep(
  connectors: Connectors,
  runId: string,
  step: Step,
  subject: string | null,
  waitingFor?: string,
  asks?: Omit<Question, 'step'>,
): Promise<void> {
  await connectors.steps.startStep(runId, step, subject, ATTEMPT, waitingFor);
  if (!asks || !connectors.notify) return;
  const ask = async () => {
    await putQuestion(connectors, { ...asks, step: subject ?? step });
    await tell(connectors, asks.run.pipeline);
  };
  // Nobody who is away holds the step up: what is not told now is by the watch, which looks for what waits.
  await orAborted(ask(), AbortSignal.timeout(AT_MOST_MS)).catch(() => undefined);
}

/** Writes down how it has ended. May be repeated. */
export async function endStep(
  { steps }: Connectors,
  runId: string,
  step: Step,
  subject: string | null,
  end: { readonly result: unknown } | { readonly error: string; readonly detail?: unknown },
): Promise<void> {
  const written = 'error' in end ? { ...end, outcome: 'failed' as const } : endOf(step, end.result);
  await steps.finishStep(runId, step, subject, ATTEMPT, written);
}
