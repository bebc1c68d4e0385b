import { describe, expect, it } from 'vitest';
import { aRun, march } from '../connectors/ledger/postgres/fixtures.ts';
import type { StepOutcome } from '../core/run.ts';
import type { StatusLine } from '../operations/status-lines.ts';
import { statusGrid } from './status-grid.ts';

type Ran = Extract<StatusLine, { tasks: unknown }>;

const line = (day: number, tasks: Readonly<Record<string, StepOutcome>>): Ran => ({
  interval: march(day),
  run: {
    ...aRun(`run-${day}`, march(day)),
    outcome: 'failed',
    startedAt: '2024-03-09T00:00:00Z',
    finishedAt: '2024-03-09T00:00:02Z',
    error: null,
  } as unknown as Ran['run'],
  steps: {
    load: { done: 2, failed: 0, running: 0, skipped: 0 },
    task: { done: 9, failed: 9, running: 9, skipped: 9 },
  },
  tasks,
  rows: 20,
  waiting: [],
  found: [],
});

/** Lines as words. */
const words = (lines: readonly StatusLine[]) =>
  statusGrid(lines)
    .split('\n')
    .map((text) => text.trim().split(/ {2,}/));

describe("the grid of a pipeline's status", () => {
  it('has a column for each task, and none that counts them', () => {
    expect(words([line(2, { score: 'failed', alarm: 'succeeded', never: 'skipped' })])).toEqual([
      ['interval', 'load', 'score', 'alarm', 'never', 'rows', 'took', 'kind'],
      ['✗', '2024-03-02Z/2024-03-03Z', '✓ 2', '✗', '✓', '–', '20', '2.0 s', 'manual'],
    ]);
  });

  it('leaves the cell of a task empty where a run had none of that name', () => {
    const text = statusGrid([
      line(2, { score: 'succeeded', late: 'running' }),
      line(1, { score: 'cancelled' }),
    ]);
    const [head = '', second = '', first = ''] = text.split('\n');
    expect([second[head.indexOf('score')], second[head.indexOf('late')]]).toEqual(['✓', '…']);
    expect([first[head.indexOf('score')], first[head.indexOf('late')]]).toEqual(['⊘', ' ']);
  });

  it('numbers tasks whose names would take too much of a line, and says below which is which', () => {
    const names = Array.from({ length: 12 }, (_, at) => `convert_${at}`);
    const [head = [], , legend = []] = words([
      line(1, Object.fromEntries(names.map((name) => [name, 'succeeded'] as const))),
    ]);
    expect(head.slice(2, 14)).toEqual(names.map((_, at) => `#${at + 1}`));
    expect(legend.join()).toMatch(/^tasks: #1 convert_0, .*#12 convert_11$/);
  });
});
