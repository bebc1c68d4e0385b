import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { planBackfill, pastOf } from '../../core/backfill.ts';
import { intervalText, toInstant } from '../../core/interval.ts';
import { definePipeline } from '../../core/pipeline.ts';
import { lookText } from '../../cli/look-text.ts';
import { startBackfill } from '../../operations/backfill.ts';
import { overview } from '../../operations/overview.ts';
import { rerun } from '../../operations/rerun.ts';
import { startRun } from '../../operations/start-run.ts';
import { status } from '../../operations/status-lines.ts';
import { gridData } from '../../web/grid/data.ts';
import { eventually } from '../faults/wait.ts';
import { openTaskLab, type TaskLab } from './task-lab.ts';

const root = mkdtempSync(join(tmpdir(), 'sluice-inbox-'));
const onFiles = { place: 'in', pattern: '*.csv', settle: '1 second' } as const;
const rows = {
  domain: 'test',
  extract: { mode: 'files', format: 'csv', columns: { id: 'int64', note: 'string' } },
} as const;
const inbox = definePipeline({
  name: 'inbox',
  description: 'What arrives',
  schedule: { onFiles: { ...onFiles, batch: 2 } },
  start: '2024-01-01',
  source: 'inbox',
  tables: { rows },
});
/** One file a run, some at a time. */
const singles = definePipeline({
  ...inbox,
  name: 'singles',
  schedule: { onFiles: { ...onFiles, place: 'singles', batch: 1, concurrency: 3 } },
});
/** Batches, some at a time. */
const some = definePipeline({
  ...inbox,
  name: 'some',
  schedule: { onFiles: { ...onFiles, place: 'some', batch: 50, concurrency: 3 } },
});
const many = definePipeline({
  ...inbox,
  name: 'many',
  schedule: { onFiles: { ...onFiles, place: 'many', batch: 1_000 } },
});

let own: TaskLab;
beforeAll(async () => {
  own = await openTaskLab([inbox, singles, some, many], (profile) => ({
    ...profile,
    connections: { ...profile.connections, inbox: { type: 'files', root, pathStyle: false } },
  }));
}, 120_000);
afterAll(async () => {
  await own.close();
  rmSync(root, { recursive: true });
});
beforeEach(async () => {
  await own.forget();
  for (const place of ['in', 'singles', 'some', 'many']) {
    rmSync(join(root, place), { recursive: true, force: true });
    mkdirSync(join(root, place));
  }
});

const put = (name: string, content: string, secondsAgo = 60) => {
  const path = join(root, name);
  writeFileSync(path, content);
  const at = new Date(Date.now() - secondsAgo * 1000);
  utimesSync(path, at, at);
};
let polls = 0;
const startPoll = (pipeline = 'inbox') =>
  own.session.temporal.workflow.start('pollFiles', {
    workflowId: `${pipeline}-poll-${(polls += 1)}`,
    taskQueue: own.session.profile.temporal.taskQueue,
    args: [pipeline],
  });
const poll = async (pipeline = 'inbox') => (await (await startPoll(pipeline)).result()) as unknown;
const there = async (pipeline = 'inbox') =>
  (
    await own.connectors.warehouse.query(
      `SELECT _file, id, note FROM raw_${pipeline}.rows ORDER BY _file, _row`,
    )
  ).rows.map((row) => Object.values(row).join(' '));
const runsOf = async (pipeline = 'inbox') =>
  [...(await own.session.ledger.runs({ pipeline }))].sort((a, b) => (a.startedAt < b.startedAt ? -1 : 1));
const past = () =>
  pastOf(own.session.ledger, {
    present: (...asked) => own.connectors.warehouse.present(...asked),
  });

describe('a pipeline that files start', { timeout: 180_000 }, () => {
  it('runs each batch once, in order of arrival, and nothing twice', async () => {
    put('in/c c.csv', 'id,note\n1,x\n', 30);
    put('in/a.csv', 'id,note\n2,x\n', 10);
    put('in/ü.csv', 'id,note\n3,x\n', 20);
    expect(await Promise.all([poll(), poll()])).toHaveLength(2);
    expect(await there()).toEqual(['in/a.csv 2 x', 'in/c c.csv 1 x', 'in/ü.csv 3 x']);
    const runs = await runsOf();
    expect(runs.map(({ outcome, kind }) => `${kind} ${outcome}`)).toEqual(
      Array(2).fill('scheduled succeeded'),
    );
    const claimed = await Promise.all(
      runs.map(({ interval }) => own.session.ledger.claimed('inbox', interval)),
    );
    expect(claimed.map((files) => files.map(({ key }) => key))).toEqual([['c c.csv', 'ü.csv'], ['a.csv']]);
    expect(await poll()).toEqual({ claimed: 0, runs: 0 });
    expect(await runsOf()).toHaveLength(2);
  });

  it('replaces the rows of a name that comes with other bytes, and changes none when a run is repeated', async () => {
    put('in/a.csv', 'id,note\n1,x\n2,x\n', 60);
    put('in/b.csv', 'id,note\n3,x\n', 50);
    await poll();
    put('in/a.csv', 'id,note\n7,y\n', 5);
    await poll();
    const after = ['in/a.csv 7 y', 'in/b.csv 3 x'];
    expect(await there()).toEqual(after);
    const [first, second] = await runsOf();
    if (!first || !second) throw new Error('no runs');
    for (const { runId } of [first, second, first]) {
      await (await rerun(own.session, own.registry, runId, { all: true }, 'test')).result();
      expect(await there()).toEqual(after);
    }
    const range = { from: first.interval.start, to: second.interval.end };
    const request = { pipeline: 'inbox', ...range, reprocess: 'all' } as const;
    const plan = await planBackfill(own.registry, request, toInstant(new Date()), past());
    expect(plan.runs.map(({ interval }) => intervalText(interval))).toEqual(
      [first, second].map(({ interval }) => intervalText(interval)),
    );
    await (await startBackfill(own.session, request, plan.range, 'test')).result();
    expect(await there()).toEqual(after);
    const none = await planBackfill(
      own.registry,
      { ...request, reprocess: 'missing' },
      toInstant(new Date()),
      past(),
    );
    expect(none.total).toBe(0);
  });

  it('shows a file that does not fit as a failed run, and goes on with the next', async () => {
    const lines = Array.from({ length: 7_010 }, (_, n) => `${n},x`);
    put('in/a.csv', `id,note\n${lines.with(7_001, 'seven,x').join('\n')}\n`, 60);
    put('in/b.csv', 'id,note\n1,x\n', 50);
    await poll();
    put('in/c.csv', 'id,note\n2,x\n', 5);
    await poll();
    expect(await there()).toEqual(['in/c.csv 2 x']);
    const [failed] = await runsOf();
    expect(failed).toMatchObject({ outcome: 'failed' });
    expect(failed?.error).toContain(`in/a.csv, line 7003: 'id' is no int64`);
    const definition = own.registry.get('inbox');
    const lines2 = await status(own.session.ledger, 'inbox', definition, 10, toInstant(new Date()));
    expect(lines2.map((line) => ('run' in line ? line.run.outcome : 'gap'))).toEqual(['succeeded', 'failed']);
    const grid = await gridData(own.session.ledger, own.registry, 'inbox', {}, new Date());
    expect(grid.columns).toHaveLength(2);
    const [shown] = await overview(own.session.ledger, definition ? [definition] : [], new Date());
    expect(shown).toMatchObject({ pipeline: 'inbox', nextDue: null });
    // Put right, it is another version, with a run of its own.
    put('in/a.csv', 'id,note\n9,x\n', 3);
    await poll();
    await (await rerun(own.session, own.registry, failed?.runId ?? '', { all: true }, 'test')).result();
    expect(await there()).toEqual(['in/a.csv 9 x', 'in/b.csv 1 x', 'in/c.csv 2 x']);
  });

  it('shows in the status of all and of one why a look failed, until one succeeds', async () => {
    const definition = own.registry.get('inbox');
    const shown = async () =>
      (await overview(own.session.ledger, definition ? [definition] : [], new Date()))[0]?.look;
    expect(await shown()).toBeNull();
    rmSync(join(root, 'in'), { recursive: true });
    await expect(poll()).rejects.toThrow();
    const failed = await shown();
    expect(failed?.problem).toMatch(/There is no folder .+in, where files are to arrive/);
    expect(failed && lookText(failed)).toMatch(
      /^files: the last look, .+Z, failed: .+\n +0 batches wait for a run$/,
    );
    mkdirSync(join(root, 'in'));
    await poll();
    const mended = await shown();
    expect(mended && lookText(mended)).toMatch(
      /^files: last look .+Z; 0 batches wait for a run, 0 new files are not claimed yet$/,
    );
  });

  it('says why it takes no run by hand without an interval, nor one without files', async () => {
    await expect(startRun(own.session, own.registry, { pipeline: 'inbox' })).rejects.toThrow(
      /runs when files arrive/,
    );
    const handle = await startRun(own.session, own.registry, {
      pipeline: 'inbox',
      interval: '2024-01-01/2024-01-02',
    });
    await expect(handle.result()).rejects.toMatchObject({
      cause: { message: expect.stringContaining('No files were claimed in the interval') as string },
    });
  });

  it('takes up what a poll and a worker have left that were ended at any moment, and runs every file once', async () => {
    const names = Array.from({ length: 12 }, (_, n) => `${String(n).padStart(2, '0')}.csv`);
    for (const [n, name] of names.entries()) put(`singles/${name}`, `id,note\n${n},x\n`, 100 - n);
    const first = await startPoll('singles');
    await eventually('a run to have begun', async () => (await runsOf('singles')).length > 1);
    await first.terminate('killed by the test');
    await own.replaceWorker();
    await eventually(
      'all files to be run',
      async () => {
        await poll('singles');
        const runs = await runsOf('singles');
        return runs.length >= 12 && runs.every(({ outcome }) => outcome === 'succeeded');
      },
      120_000,
    );
    const runs = await runsOf('singles');
    expect(runs).toHaveLength(12);
    expect(new Set(runs.map(({ interval }) => interval.start)).size).toBe(12);
    expect(await there('singles')).toEqual(names.map((name, n) => `singles/${name} ${n} x`));
  });

  it('takes a thousand small files in one run', async () => {
    for (let n = 0; n < 1_000; n += 1) put(`many/${n}.csv`, `id,note\n${n},x\n`, 2_000 - n);
    await poll('many');
    expect(await runsOf('many')).toMatchObject([{ outcome: 'succeeded' }]);
    expect(await there('many')).toHaveLength(1_000);
  });

  it('runs a thousand that come at once each once, in order, and no more at a time than it may', async () => {
    for (let n = 0; n < 1_000; n += 1) put(`some/${n}.csv`, `id,note\n${n},x\n`, 2_000 - n);
    await eventually(
      'all files to be run',
      async () => {
        await poll('some');
        const runs = await runsOf('some');
        return runs.length >= 20 && runs.every(({ outcome }) => outcome === 'succeeded');
      },
      170_000,
    );
    const runs = await runsOf('some');
    expect(runs).toHaveLength(20);
    const starts = runs.map(({ interval }) => interval.start);
    const inOrder = [...new Set(starts)].sort();
    expect(inOrder).toHaveLength(20);
    // Those that begin together may be recorded in any order.
    for (const [at, start] of starts.entries()) expect(Math.abs(inOrder.indexOf(start) - at)).toBeLessThan(3);
    for (const { startedAt } of runs) {
      const atOnce = runs.filter((run) => run.startedAt <= startedAt && startedAt < (run.finishedAt ?? ''));
      expect(atOnce.length).toBeLessThanOrEqual(3);
    }
    expect(await there('some')).toHaveLength(1_000);
  });
});
