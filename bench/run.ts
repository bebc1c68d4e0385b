import { followRun } from '../cli/follow-run.ts';
import { startRun } from '../operations/start-run.ts';
import { Output } from '../cli/output.ts';
import { sourceAddress } from '../cli/seeding.ts';
import type { Session } from '../cli/session.ts';
import { millisecondsOf } from '../core/interval.ts';
import type { Step, TransformStepResult } from '../core/run.ts';
import { registry } from '../pipelines/index.ts';
import { seedOlist } from '../seed/index.ts';
import { median } from './figures.ts';

export interface RunFigures {
  /** From the start of the workflow to its result, seconds. */
  readonly run: number;
  /** Of it until the last table was loaded. */
  readonly tables: number;
  readonly transform: number;
  /** Of the transform step: dbt from its start to its end, and what we do around it. */
  readonly dbt: number;
  readonly aroundDbt: number;
  readonly rest: number;
}

const quiet = new Output(true);

/** An empty daily run of `olist`, after one that has loaded everything: medians over `rounds`. */
export async function benchEmptyRun(session: Session, rounds = 5): Promise<RunFigures> {
  await seedOlist(sourceAddress(session.profile, 'olist'), { orders: 5_000 });
  await followRun(
    session,
    await startRun(session, registry, { pipeline: 'olist', interval: '2016-09-01/2019-01-01' }),
    quiet,
  );
  const all: RunFigures[] = [];
  for (let round = 0; round < rounds; round += 1)
    all.push(await emptyRun(session, `2019-02-${String(round + 10)}`));
  const of = (name: keyof RunFigures) => median(all.map((figures) => figures[name]));
  return {
    run: of('run'),
    tables: of('tables'),
    transform: of('transform'),
    dbt: of('dbt'),
    aroundDbt: of('aroundDbt'),
    rest: of('rest'),
  };
}

async function emptyRun(session: Session, day: string): Promise<RunFigures> {
  const began = performance.now();
  const handle = await startRun(session, registry, { pipeline: 'olist', interval: day });
  await handle.result();
  const run = (performance.now() - began) / 1000;
  const steps = await session.ledger.steps([handle.firstExecutionRunId]);
  const span = (wanted: readonly Step[]) => {
    const times = steps.filter((step) => wanted.includes(step.step));
    const ends = times.map((step) => millisecondsOf(step.finishedAt ?? step.startedAt));
    return (Math.max(...ends) - Math.min(...times.map((step) => millisecondsOf(step.startedAt)))) / 1000;
  };
  const tables = span(['extract', 'load']);
  const transform = span(['transform']);
  const dbt = (steps.find((step) => step.step === 'transform')?.result as TransformStepResult).seconds;
  return { run, tables, transform, dbt, aroundDbt: transform - dbt, rest: run - tables - transform };
}
