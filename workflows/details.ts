import { intervalText } from '../core/interval.ts';
import type { Plan, PlannedStep } from '../core/plan.ts';
import { stepKey, type RunRef } from '../core/run.ts';

export interface StepState {
  readonly state: 'running' | 'done' | 'failed' | 'reused' | 'skipped';
  readonly rows: number | undefined;
}

const MARKS = { running: '…', done: '✓', failed: '✗', reused: '↺', skipped: '⤼' } as const;

/** What a run is doing, as Markdown for the Web UI: a line per table of the pipeline, then the steps of the whole run. */
export function details(run: RunRef, plan: Plan, states: ReadonlyMap<string, StepState>): string {
  const mark = (key: string): string => {
    const found = states.get(key);
    if (!found) return '';
    return found.rows === undefined ? MARKS[found.state] : `${MARKS[found.state]} ${found.rows}`;
  };
  const kinds = [...new Set(plan.filter(isOfTable).map(({ kind }) => kind))];
  const tables = [...new Set(plan.filter(isOfTable).map(({ subject }) => subject ?? ''))];
  const lines = tables
    .map((table) => [table, ...kinds.map((kind) => mark(stepKey(kind, table)))])
    .filter(([, ...marks]) => marks.some(Boolean))
    .map((cells) => `| ${cells.join(' | ')} |`);
  const whole = plan.filter((step) => !isOfTable(step) && states.has(step.key));
  return [
    `**${run.pipeline}** ${intervalText(run.interval)}`,
    '',
    `| table | ${kinds.join(' | ')} |`,
    `|---|${kinds.map(() => '---|').join('')}`,
    ...lines,
    '',
    whole.map(({ key }) => `${key} ${mark(key)}`).join(' · '),
  ].join('\n');
}

function isOfTable({ kind, subject }: PlannedStep): boolean {
  return subject !== null && kind !== 'task';
}
