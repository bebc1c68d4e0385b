import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Connectors } from '../../activities/connectors.ts';
import { milliseconds } from '../../core/duration.ts';
import { Unreachable } from '../../core/errors.ts';
import { resolveAll } from '../../core/registry.ts';
import { startRun } from '../../operations/start-run.ts';
import { day, Lab } from '../faults/lab.ts';
import { openConnectors, startOwnWorker, type OwnWorker } from '../faults/own-worker.ts';

const tasks = {
  list: { script: ['sh', '-c', 'echo "[1, 2]" > $SLUICE_OUTPUT'] },
  boxed: { container: { image: 'us/box:1' } },
  boxes: { container: { image: 'us/box:1' }, each: { from: 'list' } },
  job: { spark: 'job' },
};
const registry = resolveAll([
  {
    name: 'boxes',
    description: 'Work that others do, who are not there',
    schedule: 'manual',
    start: '2024-03-01',
    attempts: 2,
    retryFor: '1 second',
    tasks,
  },
]);

let lab: Lab;
let connectors: Connectors;
let worker: OwnWorker;
beforeAll(async () => {
  lab = await Lab.open((profile) => ({
    ...profile,
    jobs: { container: { type: 'docker', host: 'unix:///nowhere/engine.sock', registries: {} } },
  }));
  const opened = await openConnectors(lab.profile, lab.session.ledger);
  connectors = {
    ...opened,
    registry,
    tasks: {
      run: (task, ...rest) =>
        task.name === 'job'
          ? Promise.reject(new Unreachable('Glue could not be reached.'))
          : opened.tasks.run(task, ...rest),
      release: (runId) => opened.tasks.release(runId),
    },
  };
  worker = await startOwnWorker(lab.profile, connectors);
});
afterAll(async () => {
  await worker.stop();
  await connectors.warehouse.close();
  await lab.close();
});

describe('a step whose work is done by somebody who is not there', { timeout: 240_000 }, () => {
  it('fails with exactly that, by the run, its steps and their attempts: no worker has died', async () => {
    const run = await startRun(lab.session, registry, { pipeline: 'boxes', interval: day('2024-03-02') });
    const error = await run.result().then(
      () => undefined,
      (failure: unknown) => (failure as { cause?: Error }).cause?.message,
    );
    const away = /The container engine at unix:\S+ could not be reached: ENOENT\. Start it/;
    expect(error).toMatch(away);
    expect(error).toContain('Glue could not be reached.');
    expect(error).not.toMatch(/without a word|worker died/);
    const runId = run.firstExecutionRunId;
    const tasks = (await lab.session.ledger.steps([runId])).filter(({ step }) => step === 'task');
    const wordsOf = (name: string) => tasks.find(({ table }) => table === name)?.error ?? '';
    expect(wordsOf('boxed')).toMatch(away);
    expect(wordsOf('boxes')).toMatch(away);
    expect(wordsOf('job')).toContain('Glue could not be reached.');
    const attempts = await lab.session.ledger.attempts(runId);
    for (const { step, error } of attempts)
      if (step === 'task') expect(error ?? '').not.toMatch(/without a word|worker died/);
  });

  it('is left by the server to bring its image and to stop, beyond its own time; a script is not', async () => {
    const run = await startRun(lab.session, registry, { pipeline: 'boxes', interval: day('2024-03-03') });
    await run.result().catch(() => undefined);
    const { events } = await run.fetchHistory();
    const timesOf = (name: string) =>
      (events ?? []).flatMap(({ activityTaskScheduledEventAttributes: scheduled }) => {
        const input = JSON.stringify((scheduled?.input?.payloads ?? []).map(({ data }) => String(data)));
        return scheduled?.activityType?.name === 'runTask' && input.includes(`\\"name\\":\\"${name}\\"`)
          ? [Number(scheduled.startToCloseTimeout?.seconds)]
          : [];
      });
    const [task] = registry.get('boxes')?.tasks ?? [];
    const own = milliseconds(task?.timeout ?? '1 hour') / 1000;
    // Beyond what a runner takes to lay out an image, and ECS to stop a task.
    for (const name of ['boxed', 'job'])
      for (const seconds of timesOf(name)) expect(seconds - own).toBeGreaterThanOrEqual(10 * 60);
    expect(timesOf('boxed')).toHaveLength(1);
    expect(timesOf('job')).toHaveLength(1);
    expect(timesOf('list')).toEqual([own + 60]);
  });
});
