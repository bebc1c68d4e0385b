import { intervalText } from '../core/interval.ts';
import type { Plan, PlannedStep } from '../core/plan.ts';
import { stepKey, type RunRef } from '../core/run.ts';

export type StepState =
  | { readonly state: 'running' | 'failed' | 'reused' | 'skipped' }
  | { readonly state: 'done'; readonly rows: number | undefined }
  /** `waitingFor` in words. */
  | { readonly state: 'waiting'; readonly waitingFor: string };

const MARKS = { running: '…', waiting: '⏸', done: '✓', failed: '✗', reused: '↺', skipped: '⤼' } as const;

/**
 * What a run is doing, as Markdown for the Web UI: a line per table, if the pipeline has any, then the steps of the whole run,
 * then what it waits for.
 */
export function details(run: RunRef, plan: Plan, states: ReadonlyMap<string, StepState>): string {
  const mark = (key: string): string => {
    const found = states.get(key);
    if (!found) return '';
    const rows = found.state === 'done' ? found.rows : undefined;
    return rows === undefined ? MARKS[found.state] : `${MARKS[found.state]} ${rows}`;
  };
  const kinds = [...new Set(plan.filter(isOfTable).map(({ kind }) => kind))];
  const tables = [...new Set(plan.filter(isOfTable).map(({ subject }) => subject ?? ''))];
  const lines = tables
    .map((table) => [table, ...kinds.map((kind) => mark(stepKey(kind, table)))])
    .filter(([, ...marks]) => marks.some(Boolean))
    .map((cells) => `| ${cells.join(' | ')} |`);
  const whole = plan.filter((step) => !isOfTable(step) && states.has(step.key));
  const head = [`| table | ${kinds.join(' | ')} |`, `|---|${kinds.map(() => '---|').join('')}`];
  return [
    `**${run.pipeline}** ${intervalText(run.interval)}`,
    '',
    ...(tables.length ? [...head, ...lines, ''] : []),
    whole.map(({ key }) => `${key} ${mark(key)}`).join(' · '),
    ...plan.flatMap(({ key }) => {
      const found = states.get(key);
      return found?.state === 'waiting' ? ['', `**${key}** waits for ${found.waitingFor}`] : [];
    }),
  ].join('\n');
}

function isOfTable({ kind, subject }: PlannedStep): boolean {
  return subject !== null && kind !== 'task';
}
