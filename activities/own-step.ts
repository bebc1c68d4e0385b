import type { Step } from '../core/run.ts';
import type { Connectors } from './connectors.ts';

/** Of a step that the run carries out by itself there is one attempt: the workflow's. */
const ATTEMPT = 1;

/** Writes down that a step which the run carries out by itself has begun, and what it waits for. May be repeated. */
export async function beginStep(
  { steps }: Connectors,
  runId: string,
  step: Step,
  subject: string | null,
  waitingFor?: string,
): Promise<void> {
  await steps.startStep(runId, step, subject, ATTEMPT, waitingFor);
}

/** Writes down how it has ended. May be repeated. */
export async function endStep(
  { steps }: Connectors,
  runId: string,
  step: Step,
  subject: string | null,
  end: { readonly result: unknown } | { readonly error: string; readonly detail?: unknown },
): Promise<void> {
  const written =
    'error' in end ? { ...end, outcome: 'failed' as const } : { result: end.result, rows: null, bytes: null };
  await steps.finishStep(runId, step, subject, ATTEMPT, written);
}
