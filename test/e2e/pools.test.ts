import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { problemsOf } from '../../cli/commands/validate.ts';
import { startRun, type RunHandle } from '../../operations/start-run.ts';
import { definePipeline, type PipelineDefinition } from '../../core/pipeline.ts';
import { sluice } from '../bad-input/cli.ts';
import { lockTable, untilBlocked } from '../faults/holder.ts';
import { day } from '../faults/lab.ts';
import { eventually } from '../faults/wait.ts';
import { openTaskLab, type TaskLab } from './task-lab.ts';

/** Writes its pipeline down, and works until a file of its pipeline's name says that it may end. */
const works = [
  'sh',
  '-c',
  'echo $SLUICE_PIPELINE >> log; while ! test -e end_$SLUICE_PIPELINE; do sleep 0.05; done',
] as const;
const pooled = (name: string, rest: Partial<PipelineDefinition> = {}) =>
  definePipeline({
    name,
    description: 'What needs a place',
    schedule: { cron: '0 0 * * *', timezone: 'UTC' },
    start: '2024-03-01',
    source: 'shop',
    tables: { prices: { domain: name, from: 'shop.prices', extract: { mode: 'snapshot' } } },
    tasks: { work: { script: works, pool: 'few', before: ['extract'] } },
    ...rest,
  });
const reading = (name: string) => pooled(name, { tasks: {} });
const counted = pooled('counted', {
  tasks: {
    list: { script: ['sh', '-c', 'echo "[1,2,3,4,5,6]" > $SLUICE_OUTPUT'], before: ['extract'] },
    one: {
      script: ['sh', '-c', 'mkdir busy || exit 9; sleep 0.1; rmdir busy'],
      each: { from: 'list', max: 6 },
      pool: 'few',
    },
  },
});

let lab: TaskLab;
beforeAll(async () => {
  lab = await openTaskLab(
    [
      pooled('first'),
      pooled('second'),
      pooled('urgent', { priority: 10 }),
      pooled('crowd', {
        tasks: {
          work: { script: works, pool: 'few', before: ['extract'] },
          more: { script: works, pool: 'few', before: ['extract'] },
        },
      }),
      pooled('lost', { tasks: { work: { script: ['true'], pool: 'fwe' } } }),
      reading('reads_one'),
      reading('reads_other'),
      counted,
    ],
    (profile) => ({
      ...profile,
      pools: { few: 1 },
      connections: Object.fromEntries(
        Object.entries(profile.connections).map(([name, each]) => [name, { ...each, maxConcurrent: 1 }]),
      ),
    }),
  );
});
afterAll(() => lab.close());
beforeEach(() => lab.forget());

const start = (pipeline: string) =>
  startRun(lab.session, lab.registry, { pipeline, interval: day('2024-03-02') });
const begun = () =>
  existsSync(join(lab.folder, 'log')) ? readFileSync(join(lab.folder, 'log'), 'utf8').trim().split('\n') : [];
const untilBegun = (...names: string[]) =>
  eventually(`the work of ${names.join(', ')}`, () => begun().join() === names.join());
const end = (name: string) => writeFileSync(join(lab.folder, `end_${name}`), '');
const line = async () =>
  (await lab.session.ledger.places()).map(({ pipeline, takenAt }) => (takenAt ? `${pipeline}!` : pipeline));
const untilLine = (...names: string[]) =>
  eventually(`the line ${names.join(', ')}`, async () => (await line()).join() === names.join());
const outcome = (run: RunHandle) =>
  run.result().then(
    () => 'succeeded',
    (error: unknown) => (error as { cause?: Error }).cause?.message ?? 'failed',
  );

describe('a pool', { timeout: 180_000 }, () => {
  it('lets in no more than it has places, over all runs, the greater priority first', async () => {
    const runs = [await start('first')];
    await untilBegun('first');
    runs.push(await start('second'));
    await untilLine('first!', 'second');
    runs.push(await start('urgent'));
    await untilLine('first!', 'urgent', 'second');
    const profile = join(lab.lab.home, 'lab.yaml');
    writeFileSync(profile, JSON.stringify(lab.session.profile));
    const said = await sluice(['pools', '-p', profile]);
    expect(said.out.replaceAll(/ +/g, ' ')).toMatch(
      /few 1 of 1.*\n holds work first-\S+ .*\n waits work urgent-\S+ .* 10\n waits work second-\S+ .* 0\nsource:shop 0 of 1/,
    );
    end('first');
    await untilBegun('first', 'urgent');
    end('urgent');
    await untilBegun('first', 'urgent', 'second');
    end('second');
    expect(await Promise.all(runs.map(outcome))).toEqual(['succeeded', 'succeeded', 'succeeded']);
    expect(await line()).toEqual([]);
  });

  it('takes a place back from a run that was ended from outside', async () => {
    const killed = await start('first');
    await untilBegun('first');
    const next = await start('second');
    await untilLine('first!', 'second');
    await killed.terminate();
    // Its work may go on for a while: the place is free when it has surely stopped.
    await eventually('the work of second', () => begun().join() === 'first,second', 90_000);
    end('first');
    end('second');
    expect(await outcome(next)).toBe('succeeded');
  });

  it('is not held up by the waiting steps of a run that was ended from outside, though they come first', async () => {
    const killed = await start('crowd');
    await untilLine('crowd!', 'crowd');
    const next = await start('second');
    await untilLine('crowd!', 'crowd', 'second');
    await killed.terminate();
    await eventually(
      'the work of second',
      async () => {
        // As if it had asked until a moment ago: it is not by its silence alone that it goes.
        await lab.lab.inLedger(
          `UPDATE pool_places SET seen_at = now() - interval '11 seconds' WHERE pipeline = 'crowd' AND taken_at IS NULL`,
        );
        return begun().includes('second');
      },
      90_000,
    );
    expect(await line()).toEqual(['second!']);
    end('crowd');
    end('second');
    expect(await outcome(next)).toBe('succeeded');
  });

  it('is left by a step that is cancelled while it waits, and while it works', async () => {
    const [first, second] = [await start('first'), await start('second')];
    await eventually('both in line', async () => (await line()).length === 2);
    const [holder, waiter] = begun()[0] === 'second' ? [second, first] : [first, second];
    await waiter.cancel();
    await expect(waiter.result()).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
    expect(await line()).toHaveLength(1);
    await holder.cancel();
    await expect(holder.result()).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
    expect(await line()).toEqual([]);
  });

  it('keeps its places when a worker is replaced', async () => {
    const first = await start('first');
    await untilBegun('first');
    const second = await start('second');
    await untilLine('first!', 'second');
    await lab.replaceWorker();
    await eventually('the work once more', () => begun().length > 1);
    expect(begun()).toEqual(['first', 'first']);
    end('first');
    await untilBegun('first', 'first', 'second');
    end('second');
    expect(await Promise.all([outcome(first), outcome(second)])).toEqual(['succeeded', 'succeeded']);
  });

  it('limits what is read from a connection', async () => {
    const unlock = await lockTable(lab.lab, 'shop.prices');
    const one = await start('reads_one');
    await untilBlocked(lab.lab);
    const other = await start('reads_other');
    await untilLine('reads_one!', 'reads_other');
    await unlock();
    expect(await Promise.all([outcome(one), outcome(other)])).toEqual(['succeeded', 'succeeded']);
  });

  it('limits the elements of a list, each by itself', async () => {
    const run = await start('counted');
    expect(await outcome(run)).toBe('succeeded');
    expect(await line()).toEqual([]);
    const child = `${run.workflowId}/one-${run.firstExecutionRunId.slice(0, 8)}`;
    const { events } = await lab.session.temporal.workflow.getHandle(child).fetchHistory();
    const told = (events ?? []).filter((event) => event.workflowExecutionSignaledEventAttributes);
    expect(told).toHaveLength(5); // each that waited was handed the place of another at once
  });

  it('that the profile does not have is said at validate, and by the step', async () => {
    const says = `Task 'work' of pipeline 'lost' needs pool 'fwe', which profile 'lab' does not have. Add it under 'pools', with its size.`;
    const profile = { ...lab.session.profile, transform: { ...lab.session.profile.transform } };
    expect(problemsOf(lab.registry, profile, 'lab')).toEqual([says]);
    expect(await outcome(await start('lost'))).toContain(`Step 'work' of lost needs pool 'fwe'`);
  });
});
