import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { planBackfill, pastOf } from '../../core/backfill.ts';
import { dataUpTo, freshness, freshnessText } from '../../core/freshness.ts';
import { definePipeline } from '../../core/pipeline.ts';
import type { RunPipelineInput } from '../../core/run-input.ts';
import { stepKey } from '../../core/run.ts';
import { startBackfill } from '../../operations/backfill.ts';
import { overview } from '../../operations/overview.ts';
import { rerun } from '../../operations/rerun.ts';
import { startRun } from '../../operations/start-run.ts';
import { status } from '../../operations/status-lines.ts';
import { Sources } from '../../profiles/sources.ts';
import { gridData } from '../../web/grid/data.ts';
import { day } from '../faults/lab.ts';
import { openTaskLab, type TaskLab } from './task-lab.ts';

const bash = (text: string): { script: [string, ...string[]] } => ({ script: ['bash', '-c', text] });
const noted = (what: string) =>
  bash(`echo "${what} \${SLUICE_INTERVAL_START:0:10}" >> log; test ! -e broken || exit 1`);
const schedule = { cron: '0 0 * * *', timezone: 'UTC' } as const;

const chores = definePipeline({
  name: 'chores',
  description: 'What is to be done every day, without a table',
  schedule,
  start: '2024-03-01',
  freshness: { warnAfter: '2 days', errorAfter: '4 days' },
  tasks: { sweep: noted('sweep'), tell: { ...noted('tell'), after: ['sweep'] } },
});
/** Its days hold when those of `chores` do. */
const after = definePipeline({
  name: 'after',
  description: 'What waits for it',
  schedule,
  start: '2024-03-01',
  tasks: {
    wait: { waitFor: { pipeline: 'chores' }, every: '1 second', timeout: '2 seconds', onTimeout: 'skip' },
  },
});

let own: TaskLab;

beforeAll(async () => {
  own = await openTaskLab([chores, after], undefined, (connectors, profile) => {
    // Nothing is read from: the profile needs no connection.
    const none = new Sources({ ...profile, connections: {} });
    return {
      ...connectors,
      extractsTogether: (name) => none.extractsTogether(name),
      source: (name) => none.get(name),
    };
  });
});
afterAll(async () => {
  await own.close();
});
beforeEach(async () => {
  await own.forget();
});

const definition = () => {
  const found = own.registry.get('chores');
  if (!found) throw new Error('chores is gone');
  return found;
};
const run = async (date: string, input: Partial<RunPipelineInput> = {}) => {
  const handle = await startRun(own.session, own.registry, {
    pipeline: 'chores',
    interval: day(date),
    ...input,
  });
  const error = await handle.result().then(
    () => undefined,
    (failure: unknown) => (failure as { cause?: Error }).cause?.message,
  );
  return { runId: handle.firstExecutionRunId, error };
};
const log = () => {
  const file = join(own.folder, 'log');
  return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n').sort() : [];
};
const NOW = '2024-03-05T06:00:00Z';
const lines = async () =>
  (await status(own.session.ledger, 'chores', definition(), 10, NOW)).map((line) =>
    'run' in line
      ? [line.interval.start.slice(8, 10), line.run.outcome]
      : [line.interval.start.slice(8, 10), `${line.missing} missing of ${line.tables.length} tables`],
  );
describe('a pipeline of tasks alone', () => {
  it('runs them and nothing else, and is done where a run has succeeded', async () => {
    const { ledger } = own.session;
    const { runId, error } = await run('2024-03-02');
    expect(error).toBeUndefined();
    const steps = await ledger.steps([runId]);
    expect(steps.map(({ step, table, outcome }) => [stepKey(step, table), outcome]).sort()).toEqual([
      ['sweep', 'succeeded'],
      ['tell', 'succeeded'],
    ]);
    expect(await lines()).toEqual([
      ['03', '2 missing of 0 tables'],
      ['02', 'succeeded'],
      ['01', '1 missing of 0 tables'],
    ]);
    expect(await dataUpTo(ledger, definition())).toBe('2024-03-03T00:00:00Z');
    const fresh = freshness(definition(), '2024-03-03T00:00:00Z', new Date(NOW));
    expect(fresh && freshnessText(definition(), fresh)).toMatch(/^warn: done up to .* ago/);
    const [line] = await overview(ledger, [definition()], new Date(NOW));
    expect(line).toMatchObject({ upTo: '2024-03-03T00:00:00Z', freshness: { state: 'warn' } });
    const grid = await gridData(ledger, own.registry, 'chores', {}, new Date(NOW));
    expect(grid.columns.map((column) => ('run' in column ? column.run.outcome : column.missing))).toEqual([
      1,
      1,
      'succeeded',
      1,
    ]);
    expect(grid.kinds).toEqual(['task']);
  });

  it('that failed is missing still, and is run again from where it stopped, or from a step', async () => {
    writeFileSync(join(own.folder, 'broken'), '');
    const { runId, error } = await run('2024-03-02');
    expect(error).toContain(`chores's task 'sweep' failed`);
    expect((await lines()).map(([, what]) => what)).toEqual(['failed', '4 missing of 0 tables']);
    expect(await dataUpTo(own.session.ledger, definition())).toBeUndefined();
    rmSync(join(own.folder, 'broken'));
    await (await rerun(own.session, own.registry, runId, {}, 'anna')).result();
    expect(log()).toEqual(['sweep 2024-03-02', 'sweep 2024-03-02', 'tell 2024-03-02']);
    expect((await lines())[1]).toEqual(['02', 'succeeded']);
    expect((await run('2024-03-02', { fromStep: 'tell' })).error).toBeUndefined();
    expect(log().filter((line) => line.startsWith('tell'))).toHaveLength(2);
  });

  it('is filled with a run for each interval that none has succeeded over, and no end', async () => {
    await run('2024-03-02');
    const request = { pipeline: 'chores', from: '2024-03-01', to: '2024-03-05' };
    const { ledger } = own.session;
    const past = pastOf(ledger, { present: (_pipeline, tables) => Promise.resolve(new Set(tables)) });
    const plan = () => planBackfill(own.registry, request, NOW, past);
    const planned = await plan();
    expect(planned).toMatchObject({ total: 3, finish: false, leftOut: { loaded: 1, failed: 0 } });
    const handle = await startBackfill(own.session, request, planned.range, 'anna');
    expect(await handle.result()).toMatchObject({ succeeded: 3, failed: 0 });
    expect(log()).toEqual(
      [1, 2, 3, 4]
        .flatMap((n) => [`sweep 2024-03-0${n}`])
        .concat([1, 2, 3, 4].map((n) => `tell 2024-03-0${n}`)),
    );
    expect(await plan()).toMatchObject({ total: 0, finish: false });
    expect((await lines()).every(([, what]) => what === 'succeeded')).toBe(true);
  });

  it('is waited for by others until a run has succeeded over the interval', async () => {
    const waited = async () => {
      const handle = await startRun(own.session, own.registry, {
        pipeline: 'after',
        interval: day('2024-03-02'),
      });
      await handle.result();
      const [step] = await own.session.ledger.steps([handle.firstExecutionRunId]);
      return step;
    };
    expect(await waited()).toMatchObject({
      outcome: 'skipped',
      error: expect.stringContaining('no run of chores has succeeded over 2024-03-02') as unknown,
    });
    await run('2024-03-02');
    expect(await waited()).toMatchObject({ outcome: 'succeeded' });
  });
});
