import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { Output } from '../../cli/output.ts';
import { followRun } from '../../cli/follow-run.ts';
import { startRun, type RunHandle } from '../../operations/start-run.ts';
import { status } from '../../operations/status-lines.ts';
import { noteOf } from '../../operations/step-notes.ts';
import { toInstant } from '../../core/interval.ts';
import { definePipeline } from '../../core/pipeline.ts';
import type { RunPipelineInput } from '../../core/run-input.ts';
import type { TaskDefinition } from '../../core/tasks.ts';
import type { Answer, Decision } from '../../workflows/approvals.ts';
import { expectRefusal, sluice } from '../bad-input/cli.ts';
import { day } from '../faults/lab.ts';
import { eventually } from '../faults/wait.ts';
import { openTaskLab, type TaskLab } from './task-lab.ts';

const release = { approve: 'Release the prices to the shops', before: ['extract'] } as const;
const asking = (name: string, tasks: Readonly<Record<string, TaskDefinition>>) =>
  definePipeline({
    name,
    description: 'Prices, when somebody says yes',
    schedule: { cron: '0 0 * * *', timezone: 'UTC' },
    start: '2024-03-01',
    source: 'shop',
    tables: { prices: { domain: name, from: 'shop.prices', extract: { mode: 'snapshot' } } },
    tasks,
  });
const PIPELINES = [
  asking('asking', { release, told: { script: ['sh', '-c', 'cp $SLUICE_INPUT told'], after: ['release'] } }),
  asking('hurried', {
    release: { ...release, timeout: '1 second' },
    maybe: {
      approve: 'Tell the press as well',
      after: ['release'],
      when: 'always',
      timeout: '1 second',
      onTimeout: 'skip',
    },
    press: { script: ['true'], after: ['maybe'] },
  }),
];

let lab: TaskLab;
beforeAll(async () => {
  lab = await openTaskLab(PIPELINES);
});
afterAll(() => lab.close());
beforeEach(() => lab.forget());

const start = (input: Partial<RunPipelineInput> = {}) =>
  startRun(lab.session, lab.registry, { pipeline: 'asking', interval: day('2024-03-02'), ...input });
const answer = (run: RunHandle, how: 'approve' | 'reject', given: Partial<Answer>) =>
  run.executeUpdate<Decision, [Answer]>(how, { args: [{ step: 'release', by: 'anna', ...given }] });
const stepOf = async (run: RunHandle, name: string) =>
  (await lab.session.ledger.steps([run.firstExecutionRunId])).find(({ table }) => table === name);
const untilAsked = (run: RunHandle) =>
  eventually('the question in the ledger', async () => {
    const step = await stepOf(run, 'release');
    return step?.outcome === 'running' && noteOf(step);
  });
const failureOf = (run: RunHandle) =>
  run.result().then(
    () => 'no failure',
    (error: unknown) => (error as { cause?: Error }).cause?.message,
  );

describe('a step that waits for a person', () => {
  it('is shown as waiting, goes ahead with a yes, and tells those after it who said so and why', async () => {
    const run = await start();
    expect(await untilAsked(run)).toBe(
      `waits for approval: Release the prices to the shops ('sluice approve ${run.workflowId} release', or --reject)`,
    );
    const shown = await lab.session.connection.workflowService.queryWorkflow({
      namespace: 'default',
      execution: { workflowId: run.workflowId },
      query: { queryType: '__temporal_workflow_metadata' },
    });
    const raw = shown.queryResult?.payloads?.map(({ data }) => Buffer.from(data ?? []).toString()).join();
    expect(raw).toContain('waits for approval: Release the prices to the shops');
    expect(await stepOf(run, 'extract:prices')).toBeUndefined();
    await answer(run, 'approve', { reason: 'numbers look right' });
    await run.result();
    const step = await stepOf(run, 'release');
    expect(step?.outcome).toBe('succeeded');
    expect(step && noteOf(step)).toBe('approved by anna: numbers look right');
    expect(lab.json('told')).toMatchObject({
      results: { release: { approved: true, by: 'anna', reason: 'numbers look right' } },
    });
  });

  it('is told to whoever follows the run, and by status', async () => {
    const said = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    try {
      const run = await start();
      const followed = followRun(lab.session, run, new Output(false));
      const asks = `release waits for approval: Release the prices to the shops ('sluice approve ${run.workflowId} release', or --reject)`;
      await eventually('a line about it', () =>
        said.mock.calls.some(([line]) => String(line).includes(`⏸ ${asks}`)),
      );
      const { ledger } = lab.session;
      const lines = await status(ledger, 'asking', lab.registry.get('asking'), 1, toInstant(new Date()));
      expect(lines.find((line) => 'run' in line)).toMatchObject({ waiting: [asks] });
      await answer(run, 'approve', {});
      expect(await followed).toMatchObject({ tables: 1 });
    } finally {
      said.mockRestore();
    }
  });

  it('fails with a no, and asks again when the run is repeated', async () => {
    const run = await start();
    await untilAsked(run);
    await answer(run, 'reject', { reason: 'half of last week' });
    expect(await failureOf(run)).toContain(
      `asking's step 'release' (Release the prices to the shops) was rejected by anna: half of last week.`,
    );
    expect(await stepOf(run, 'release')).toMatchObject({ outcome: 'failed' });
    const again = await start({ resume: run.firstExecutionRunId, kind: 'rerun' });
    await untilAsked(again);
    await answer(again, 'approve', {});
    await again.result();
    expect(await stepOf(again, 'prices')).toMatchObject({ outcome: 'succeeded' });
  });

  it('takes no answer that is not asked for, from nobody, or twice', async () => {
    const run = await start();
    await untilAsked(run);
    const refusal = (given: Partial<Answer>) =>
      answer(run, 'approve', given).catch(
        (error: unknown) => (error as Error & { cause?: Error }).cause?.message,
      );
    expect(await refusal({ step: 'relaese' })).toBe(
      `Step 'relaese' does not wait for approval. Waiting: 'release'.`,
    );
    expect(await refusal({ by: ' ' })).toContain('An answer names the step and who gives it');
    expect(await refusal({ reason: 'x'.repeat(2001) })).toContain('2000 characters at most');
    await answer(run, 'approve', {});
    expect(await refusal({})).toMatch(/was approved by anna already|No step of this run does now/);
    await run.result();
  });

  it('that nobody answers in time fails, or is skipped with what follows it', async () => {
    const run = await start({ pipeline: 'hurried' });
    expect(await failureOf(run)).toContain('nobody has approved or rejected it within 1 second');
    expect(await stepOf(run, 'release')).toMatchObject({ outcome: 'failed' });
    expect(await stepOf(run, 'maybe')).toMatchObject({
      outcome: 'skipped',
      error: 'nobody has approved or rejected it within 1 second',
    });
    expect(await stepOf(run, 'press')).toMatchObject({ outcome: 'skipped' });
  });

  it(
    'is answered from the command line, which says what there is to answer',
    { timeout: 180_000 },
    async () => {
      const run = await start();
      await untilAsked(run);
      const profile = join(lab.lab.home, 'lab.yaml');
      writeFileSync(profile, JSON.stringify(lab.session.profile)); // JSON is YAML
      const approve = (...args: string[]) => sluice(['approve', run.workflowId, ...args, '-p', profile]);
      expectRefusal(await approve('relaese'), 1, [
        `Step 'relaese' does not wait for approval. Waiting: 'release'.`,
        `'sluice runs --run ${run.workflowId}' shows its steps`,
      ]);
      const said = await approve('release', '--by', 'ben', '--reason', 'fine');
      expect(said).toMatchObject({ code: 0, out: `${run.workflowId} release: approved by ben: fine\n` });
      await run.result();
      expectRefusal(await approve('release'), 1, ['has ended: nothing waits any more']);
      expect((await sluice(['runs', '--run', run.workflowId, '-p', profile])).out).toMatch(
        /task +release +succeeded .* approved by ben: fine/,
      );
    },
  );

  it('ends when the run is cancelled', async () => {
    const run = await start();
    await untilAsked(run);
    await run.cancel();
    await expect(run.result()).rejects.toThrow();
    expect(await stepOf(run, 'release')).toMatchObject({ outcome: 'cancelled' });
  });

  it('goes on waiting when its worker is replaced', async () => {
    const run = await start();
    await untilAsked(run);
    await lab.replaceWorker();
    await answer(run, 'approve', {});
    await run.result();
    expect(await stepOf(run, 'release')).toMatchObject({ outcome: 'succeeded', attempt: 1 });
  });
});
