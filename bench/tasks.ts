import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ProjectTasks } from '../connectors/tasks/project.ts';
import type { ResolvedTask, ProjectWork } from '../core/tasks.ts';
import { median } from './figures.ts';

const COMMAND = ['bash', '-c', 'echo one'] as const;
const TASK: ResolvedTask<ProjectWork> = {
  name: 'bench',
  does: { script: COMMAND },
  after: [],
  before: [],
  when: 'succeeded',
  timeout: '1 minute',
  writes: [],
};
const INPUT = {
  run: {
    runId: 'bench',
    workflowId: 'bench',
    pipeline: 'bench',
    interval: { start: '2018-01-01T00:00:00Z', end: '2018-01-02T00:00:00Z' },
  },
  params: {},
  results: {},
  attempt: 1,
};

/** Milliseconds of a command by itself, and as a script task: files, fence, log, result; without Temporal and the ledger. Interleaved. */
export async function benchScript(turns = 40): Promise<{ readonly bare: number; readonly task: number }> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-tasks-'));
  const tasks = new ProjectTasks({ folder });
  const times = { bare: [] as number[], task: [] as number[] };
  const timed = async (into: number[], work: () => Promise<unknown>) => {
    const began = performance.now();
    await work();
    into.push(performance.now() - began);
  };
  try {
    for (let turn = 0; turn < turns; turn += 1) {
      await timed(times.bare, bare);
      await timed(times.task, () => tasks.run(TASK, INPUT, new AbortController().signal, () => undefined));
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  return { bare: median(times.bare), task: median(times.task) };
}

function bare(): Promise<unknown> {
  const [program, ...words] = COMMAND;
  return new Promise((resolve) => spawn(program, words, { stdio: 'ignore' }).once('close', resolve));
}
