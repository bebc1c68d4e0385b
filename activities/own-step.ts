import { orAborted } from '../core/abort.ts';
import { NOTHING_CHANGED } from '../core/notices/incidents.ts';
import type { RunRef, Step } from '../core/run.ts';
import type { Connectors } from './connectors.ts';
import { tell } from './tell.ts';

/** Of a step that the run carries out by itself there is one attempt: the workflow's. */
const ATTEMPT = 1;
/** As long as telling people may hold up a step. */
const AT_MOST_MS = 5_000;

/** What a step asks people. */
interface Question {
  readonly run: RunRef;
  /** In words. */
  readonly question: string;
}

/** What a step waits for. */
export interface Waiting {
  /** In words. */
  readonly for: string;
  readonly asks?: Question;
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
  asks?: Question,
): Promise<void> {
  await connectors.steps.startStep(runId, step, subject, ATTEMPT, waitingFor);
  if (!asks || !connectors.notify) return;
  const incident = { kind: 'approval', subject: `${runId} ${subject ?? ''}`, upTo: null } as const;
  const { pipeline, interval, workflowId } = asks.run;
  const link = connectors.linkTo?.(asks.run);
  await connectors.ledger.changeIncidents(pipeline, (open) =>
    open.some((each) => each.kind === incident.kind && each.subject === incident.subject)
      ? NOTHING_CHANGED
      : {
          open: [incident],
          close: [],
          notices: [
            {
              kind: 'approval',
              ...{ pipeline, interval, runId, workflowId },
              step: subject ?? step,
              question: asks.question,
              ...(link !== undefined && { link }),
            },
          ],
        },
  );
  // Whoever cannot be told now holds nobody up: the watch tells them.
  await orAborted(tell(connectors, pipeline), AbortSignal.timeout(AT_MOST_MS)).catch(() => undefined);
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
