import { NOTHING_CHANGED } from '../core/notices/incidents.ts';
import type { RunRef } from '../core/run.ts';
import type { Connectors } from './connectors.ts';

/** What a step of a run asks people. */
export interface Question {
  readonly run: RunRef;
  /** The task that waits. */
  readonly step: string;
  /** In words. */
  readonly question: string;
}

/** Puts down that people are asked, for `tell`. May be repeated: they are asked once. */
export async function putQuestion(
  { ledger, linkTo }: Pick<Connectors, 'ledger' | 'linkTo'>,
  { run, step, question }: Question,
): Promise<void> {
  const { pipeline, interval, workflowId, runId } = run;
  const incident = { kind: 'approval', subject: `${runId} ${step}`, upTo: null } as const;
  const link = linkTo?.(run);
  const notice = { kind: 'approval', pipeline, interval, runId, workflowId, step, question } as const;
  await ledger.changeIncidents(pipeline, (open) =>
    open.some(({ kind, subject }) => kind === incident.kind && subject === incident.subject)
      ? NOTHING_CHANGED
      : { open: [incident], close: [], notices: [{ ...notice, ...(link !== undefined && { link }) }] },
  );
}
