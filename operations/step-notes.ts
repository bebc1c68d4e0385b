import type { StepRecord } from '../connectors/ledger/port.ts';
import type { Decision } from '../workflows/approvals.ts';

/** What a step that runs waits for, in words; undefined where it does not wait. */
export function waitingFor({ outcome, result }: StepRecord): string | undefined {
  if (outcome !== 'running' || !isObject(result)) return undefined;
  const { waitingFor } = result;
  return typeof waitingFor === 'string' ? waitingFor : undefined;
}

/** What there is to say of a step in a line: why it failed or was skipped, what it waits for, who has approved it. */
export function noteOf(step: StepRecord): string {
  if (step.error !== null) return step.error;
  const waits = waitingFor(step);
  if (waits !== undefined) return `waits for ${waits}`;
  const output = isObject(step.result) ? step.result['output'] : undefined;
  return isObject(output) && 'approved' in output ? decisionText(output as unknown as Decision) : '';
}

/** `approved by anna: numbers look right` */
export function decisionText({ approved, by, reason }: Decision): string {
  return `${approved ? 'approved' : 'rejected'} by ${by}${reason === null ? '' : `: ${reason}`}`;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
