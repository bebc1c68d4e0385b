import { intervalText } from '../core/interval.ts';
import { STEPS, type RunRef } from '../core/run.ts';

export interface StepState {
  readonly state: 'running' | 'done' | 'failed' | 'reused';
  readonly rows: number | undefined;
}

const MARKS = { running: '…', done: '✓', failed: '✗', reused: '↺' } as const;

/** What a run is doing, as Markdown for the Web UI: a table of steps, one line per table of the pipeline. */
export function details(run: RunRef, states: ReadonlyMap<string, StepState>): string {
  const cells = new Map<string, Map<string, string>>();
  for (const [key, { state, rows }] of states) {
    const [step = '', table = ''] = key.split(':');
    const row = cells.get(table) ?? new Map<string, string>();
    row.set(step, rows === undefined ? MARKS[state] : `${MARKS[state]} ${rows}`);
    cells.set(table, row);
  }
  const perTable = STEPS.slice(0, 2);
  const lines = [...cells]
    .filter(([table]) => table)
    .map(([table, row]) => `| ${table} | ${perTable.map((step) => row.get(step) ?? '').join(' | ')} |`);
  const whole = STEPS.slice(2)
    .map((step) => [step, cells.get('')?.get(step)] as const)
    .filter(([, mark]) => mark)
    .map(([step, mark]) => `${step} ${mark ?? ''}`);
  return [
    `**${run.pipeline}** ${intervalText(run.interval)}`,
    '',
    `| table | ${perTable.join(' | ')} |`,
    '|---|---|---|',
    ...lines,
    '',
    whole.join(' · '),
  ].join('\n');
}
