import { inWords } from '../core/duration.ts';
import { intervalText, millisecondsOf } from '../core/interval.ts';
import { STEPS, type Outcome, type StepOutcome } from '../core/run.ts';
import { MOST_COUNTED, type StatusLine, type StepCell } from '../operations/status-lines.ts';
import { count, table } from './output.ts';

export const MARKS: Readonly<Record<Outcome, string>> = {
  succeeded: '✓',
  failed: '✗',
  cancelled: '⊘',
  running: '…',
};
const MOST_OF_HEADS = 48; // characters that the names of tasks may take as heads

/** A pipeline's intervals × steps, each task in a column of its own; below it what failed, waits, was found. */
export function statusGrid(lines: readonly StatusLine[]): string {
  const runs = lines.filter((line) => 'run' in line);
  const kinds = STEPS.filter((step) => step !== 'task' && runs.some((line) => line.steps[step]));
  const tasks = [...new Set(runs.flatMap((line) => Object.keys(line.tasks)))];
  const heads = headsOf(tasks);
  const rows = lines.map((line) => {
    if ('missing' in line) return ['·', intervalText(line.interval), missingText(line)];
    const { run } = line;
    const took =
      run.finishedAt === null
        ? 'running'
        : inWords(millisecondsOf(run.finishedAt) - millisecondsOf(run.startedAt));
    return [
      MARKS[run.outcome],
      intervalText(line.interval),
      ...kinds.map((step) => cellText(line.steps[step])),
      ...tasks.map((name) => taskText(line.tasks[name])),
      count(line.rows),
      took,
      run.kind,
    ];
  });
  const errors = runs.flatMap((line) => {
    const said = [
      ...(line.run.error ? [line.run.error] : []),
      ...line.waiting,
      ...line.found.map((what) => `! ${what}`),
    ];
    return said.map((text) => `${line.run.workflowId}: ${text}`);
  });
  const head = ['', 'interval', ...kinds, ...heads, 'rows', 'took', 'kind'];
  const legend = heads.flatMap((text, at) => (text === tasks[at] ? [] : [`${text} ${tasks[at] ?? ''}`]));
  const rowsAt = head.length - 3; // a task may have the name 'rows'
  return [
    table(head, rows, [rowsAt]),
    ...(legend.length ? [`tasks: ${legend.join(', ')}`] : []),
    ...errors,
  ].join('\n');
}

/** The names of tasks; where they would take too much of a line, their numbers. */
function headsOf(tasks: readonly string[]): readonly string[] {
  const width = tasks.reduce((sum, name) => sum + name.length + 2, 0);
  return width <= MOST_OF_HEADS ? tasks : tasks.map((_, at) => `#${at + 1}`);
}

function taskText(outcome: StepOutcome | undefined): string {
  if (outcome === undefined) return '';
  return outcome === 'skipped' ? '–' : MARKS[outcome];
}

/** In a cell of its own: a long one would widen the column of every other line. */
function missingText({ missing, tables, stretches }: Extract<StatusLine, { missing: number }>): string {
  const number = missing < MOST_COUNTED ? count(missing) : `${count(missing)} or more`;
  const what = tables.length > 1 ? `${tables.length} tables` : tables[0];
  const not = what === undefined ? 'not run' : `not loaded (${what})`;
  return `${number} ${not}${stretches ? `, in ${count(stretches)} stretches` : ''}`;
}

function cellText(cell: StepCell | undefined): string {
  if (!cell) return '';
  const { done, failed, running, skipped } = cell;
  const parts = [
    done ? `✓ ${done}` : '',
    failed ? `✗ ${failed}` : '',
    running ? `… ${running}` : '',
    skipped ? `– ${skipped}` : '',
  ];
  return parts.filter(Boolean).join(' ');
}
