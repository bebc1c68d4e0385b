import { join } from 'node:path';
import { NativeConnection, Worker } from '@temporalio/worker';
import { pino } from 'pino';
import type { Session } from '../cli/session.ts';
import { StepRecorder } from '../worker/step-recorder.ts';
import { quantile } from './figures.ts';
import { resolvePipeline } from '../core/resolve.ts';
import { aPipeline } from './pipeline.ts';
import { quieten } from './quiet.ts';

export interface GapFigures {
  readonly steps: number;
  readonly p50: number;
  readonly p95: number;
}

const QUEUE = 'bench';
const RUN = {
  runId: 'bench',
  workflowId: 'bench',
  pipeline: 'bench',
  interval: { start: '2018-01-01T00:00:00Z', end: '2018-01-02T00:00:00Z' },
};

/**
 * Milliseconds from the end of one step's work to the start of the next one's, over steps that do nothing: with the ledger's
 * writes of a run (`recorded`), and without (Temporal alone).
 */
export async function benchSteps(
  session: Session,
  steps = 40,
  rounds = 3,
): Promise<{ recorded: GapFigures; bare: GapFigures }> {
  quieten();
  await session.ledger.openRun({
    ...RUN,
    kind: 'manual',
    backfillId: null,
    codeVersion: 'bench',
    input: { pipeline: 'bench' },
    definition: resolvePipeline(aPipeline('bench', { nothing: { run: 'nothing' } })),
  });
  const times: { began: number; ended: number }[] = [];
  const publish = () => {
    const now = performance.now();
    times.push({ began: now, ended: performance.now() });
    return Promise.resolve();
  };
  const connection = await NativeConnection.connect({ address: session.profile.temporal.address });
  const gaps = { recorded: [] as number[], bare: [] as number[] };
  try {
    for (let round = 0; round < rounds; round += 1) {
      for (const kind of ['recorded', 'bare'] as const) {
        times.length = 0;
        const log = pino({ level: 'silent' });
        const worker = await Worker.create({
          connection,
          taskQueue: QUEUE,
          workflowsPath: join(import.meta.dirname, 'steps.workflow.ts'),
          activities: { publish },
          interceptors:
            kind === 'recorded'
              ? { activity: [(context) => ({ inbound: new StepRecorder(context, session.ledger, log) })] }
              : {},
        });
        await worker.runUntil(
          session.temporal.workflow.execute('manySteps', {
            taskQueue: QUEUE,
            workflowId: `bench-${kind}-${round}`,
            args: [RUN, steps],
          }),
        );
        gaps[kind].push(...times.slice(1).map((time, index) => time.began - (times[index]?.ended ?? 0)));
      }
    }
  } finally {
    await connection.close();
    await session.ledger.closeRun(RUN.runId, 'succeeded', null);
  }
  const figures = (of: number[]): GapFigures => ({ steps, p50: quantile(of, 0.5), p95: quantile(of, 0.95) });
  return { recorded: figures(gaps.recorded), bare: figures(gaps.bare) };
}
