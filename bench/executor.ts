import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NativeConnection, Worker } from '@temporalio/worker';
import { pino } from 'pino';
import { createActivities } from '../activities/index.ts';
import type { Session } from '../cli/session.ts';
import { ProjectTasks } from '../connectors/tasks/project.ts';
import type { Tasks } from '../connectors/tasks/port.ts';
import { resolveAll } from '../core/registry.ts';
import { startRun } from '../operations/start-run.ts';
import { openWarehouse } from '../profiles/open.ts';
import { Sources } from '../profiles/sources.ts';
import { connectorsOf } from '../worker/connectors.ts';
import { StepJournal } from '../worker/step-journal.ts';
import { StepRecorder } from '../worker/step-recorder.ts';
import { workflowCode } from '../worker/workflow-code.ts';
import { quantile } from './figures.ts';
import { aPipeline } from './pipeline.ts';
import { quieten } from './quiet.ts';
import type { GapFigures } from './steps.ts';

const QUEUE = 'bench-executor';
const DAY = '2018-01-01/2018-01-02';
const AT_ONCE = 16;

/** Steps of the general executor, one after the other, that do nothing: milliseconds from the end of one's work to the start of the next's. */
export async function benchExecutor(session: Session, steps = 40, rounds = 3): Promise<GapFigures> {
  const times: { began: number; ended: number }[] = [];
  const gaps: number[] = [];
  const nothing = () => {
    const now = performance.now();
    times.push({ began: now, ended: performance.now() });
    return Promise.resolve({ output: null });
  };
  await withWorker(session, [aChain(steps, { run: 'nothing' })], stub(nothing), async (run) => {
    for (let round = 0; round < rounds; round += 1) {
      times.length = 0;
      await (await run('chain')).result();
      gaps.push(...times.slice(1).map((time, index) => time.began - (times[index]?.ended ?? 0)));
    }
  });
  return { steps, p50: quantile(gaps, 0.5), p95: quantile(gaps, 0.95) };
}

/** Seconds of a run whose steps are scripts, one after the other: `bash -c 'echo one'`. */
export async function benchScripts(session: Session, steps = 40): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-scripts-'));
  let seconds = NaN;
  try {
    const chain = aChain(steps, { script: ['bash', '-c', 'echo one'] });
    await withWorker(session, [chain], new ProjectTasks({ folder }), async (run) => {
      const began = performance.now();
      await (await run('chain')).result();
      seconds = (performance.now() - began) / 1000;
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
  return seconds;
}

export interface EachFigures {
  readonly elements: number;
  readonly stepsPerSecond: number;
  /** Of the run's own history, and of the last execution of the child that does them: events. */
  readonly events: number;
  readonly eventsOfChild: number;
}

/** A step for each of a list that does nothing, 16 at a time. */
export async function benchEach(session: Session, elements = 1_000): Promise<EachFigures> {
  const times: number[] = [];
  const list = Array.from({ length: elements }, (_, index) => index);
  const tasks = stub((name) => {
    times.push(performance.now());
    return Promise.resolve({ output: name === 'list' ? list : null });
  });
  const each = { list: { run: 'list' }, one: { run: 'nothing', each: { from: 'list', max: AT_ONCE } } };
  let figures: EachFigures | undefined;
  await withWorker(session, [aPipeline('each', each)], tasks, async (run) => {
    const handle = await run('each');
    await handle.result();
    const child = session.temporal.workflow.getHandle(
      `${handle.workflowId}/one-${handle.firstExecutionRunId.slice(0, 8)}`,
    );
    const [first = NaN] = times.slice(1);
    figures = {
      elements,
      stepsPerSecond: (elements * 1000) / ((times.at(-1) ?? NaN) - first),
      events: (await handle.describe()).historyLength,
      eventsOfChild: (await child.describe()).historyLength,
    };
  });
  if (!figures) throw new Error('nothing was measured');
  return figures;
}

/** Tasks that do the same, each after the one before. */
function aChain(steps: number, does: object): object {
  const nameOf = (step: number) => `step_${step}`;
  const tasks = Array.from({ length: steps }, (_, step) => [
    nameOf(step),
    { ...does, ...(step ? { after: [nameOf(step - 1)] } : {}) },
  ]);
  return aPipeline('chain', Object.fromEntries(tasks) as object);
}

function stub(work: (name: string) => Promise<{ output: unknown }>): Tasks {
  return { run: ({ name }) => work(name), release: () => Promise.resolve() };
}

type StartRun = (pipeline: string) => ReturnType<typeof startRun>;

/** A worker of this process, as the real one is but for its pipelines and tasks. */
async function withWorker(
  session: Session,
  pipelines: readonly object[],
  tasks: Tasks,
  use: (run: StartRun) => Promise<void>,
): Promise<void> {
  quieten();
  const registry = resolveAll(pipelines);
  const profile = { ...session.profile, temporal: { ...session.profile.temporal, taskQueue: QUEUE } };
  const warehouse = await openWarehouse(profile);
  const steps = new StepJournal(session.ledger, () => undefined);
  const parts = { dashboards: new Map(), registry, codeVersion: 'bench', steps, warehouse };
  const opened = await connectorsOf(profile, {
    ...parts,
    ledger: session.ledger,
    sources: new Sources(profile),
  });
  const log = pino({ level: 'silent' });
  const connection = await NativeConnection.connect({ address: profile.temporal.address });
  const worker = await Worker.create({
    connection,
    namespace: profile.temporal.namespace,
    taskQueue: QUEUE,
    ...(await workflowCode('')),
    activities: createActivities({ ...opened, tasks }),
    interceptors: { activity: [(context) => ({ inbound: new StepRecorder(context, steps, log) })] },
    maxConcurrentActivityTaskPolls: 2,
    maxConcurrentWorkflowTaskPolls: 2,
  });
  try {
    await worker.runUntil(() =>
      use((pipeline) => startRun({ ...session, profile }, registry, { pipeline, interval: DAY })),
    );
  } finally {
    await steps.close();
    await connection.close();
    await warehouse.close();
  }
}
