import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startRun, type RunHandle } from '../../operations/start-run.ts';
import { definePipeline } from '../../core/pipeline.ts';
import type { RunPipelineInput } from '../../core/run-input.ts';
import type { TaskDefinition } from '../../core/tasks.ts';
import { day } from '../faults/lab.ts';
import { eventually } from '../faults/wait.ts';
import { openTaskLab, type TaskLab } from './task-lab.ts';

const mapping = (name: string, one: TaskDefinition) =>
  definePipeline({
    name,
    description: 'Something for each of a list',
    schedule: { cron: '0 0 * * *', timezone: 'UTC' },
    start: '2024-03-01',
    source: 'shop',
    tables: { prices: { domain: name, from: 'shop.prices', extract: { mode: 'snapshot' } } },
    tasks: {
      list: { script: ['sh', '-c', 'cp list.json $SLUICE_OUTPUT'], before: ['extract'] },
      seen: { script: ['sh', '-c', 'echo 1 > $SLUICE_OUTPUT'], before: ['one'] },
      one,
      told: { script: ['sh', '-c', 'cp $SLUICE_INPUT told'], after: ['one'] },
    },
  });
const PIPELINES = [
  mapping('by_function', { run: 'one', each: { from: 'list', max: 4 } }),
  mapping('by_script', {
    script: ['sh', '-c', 'echo $$ >> pids; sleep 600'],
    each: { from: 'list', max: 3 },
  }),
  mapping('by_code', { script: ['sh', 'one.sh'], each: { from: 'list' } }),
  mapping('many', { run: 'one', each: { from: 'list' } }),
];

let lab: TaskLab;
beforeAll(async () => {
  lab = await openTaskLab(PIPELINES);
});
afterAll(() => lab.close());
beforeEach(async () => {
  await lab.forget();
  one('({ element, index, results }) => ({ element, index, results })');
});

const list = (elements: unknown) => writeFileSync(join(lab.folder, 'list.json'), JSON.stringify(elements));
/** What the task `one` does, in a module whose `log` tells of each call. */
let edited = 0;
const one = (text: string) =>
  writeFileSync(
    join(lab.folder, 'one.ts'),
    `import { appendFileSync } from 'node:fs';
const log = (line) => appendFileSync(${JSON.stringify(join(lab.folder, 'calls'))}, line + '\\n');
// edit ${(edited += 1)}
export default ${text};`,
  );
const calls = () => readFileSync(join(lab.folder, 'calls'), 'utf8').trim().split('\n');
const start = (pipeline: string, input: Partial<RunPipelineInput> = {}) =>
  startRun(lab.session, lab.registry, { pipeline, interval: day('2024-03-02'), ...input });
const outcome = (run: RunHandle) =>
  run.result().then(
    () => 'succeeded',
    (error: unknown) => (error as { cause?: Error }).cause?.message ?? 'failed',
  );
const step = async (run: RunHandle, name = 'one') =>
  (await lab.session.ledger.steps([run.firstExecutionRunId])).find(({ table }) => table === name);
const given = () => (lab.json('told') as { results: { one: unknown } }).results.one;

describe('a task for each element of a list', { timeout: 180_000 }, () => {
  it('is told its element and place, and what else it comes after; results come in the order of the list', async () => {
    const elements = Array.from({ length: 10 }, (_, n) => ({ day: n }));
    list(elements);
    one(`async ({ element, index, results }) => {
      const at = (globalThis.atOnce ??= { now: 0, most: 0 });
      at.most = Math.max(at.most, (at.now += 1));
      await new Promise((done) => setTimeout(done, 200 - 15 * index));
      at.now -= 1;
      log(String(at.most));
      return { element, index, results };
    }`);
    expect(await outcome(await start('by_function'))).toBe('succeeded');
    expect(given()).toEqual(elements.map((element, index) => ({ element, index, results: { seen: 1 } })));
    expect(Math.max(...calls().map(Number))).toBeLessThanOrEqual(4);
  });

  it('that fails for some names them and does the rest; a rerun does only these', async () => {
    list(['a', 'b', 'c', 'd']);
    one(
      `({ element }) => { log(element); if ('bd'.includes(element)) throw new Error('no ' + element); return element; }`,
    );
    const run = await start('by_function');
    expect(await outcome(run)).toContain(
      `by_function's task 'one' failed for 2 of 4 elements; the others are done:\n` +
        `    [1] "b": by_function's task 'one' failed: no b`,
    );
    expect(calls().sort()).toEqual(['a', 'b', 'c', 'd']);
    expect(await step(run, 'told')).toMatchObject({ outcome: 'skipped', error: 'upstream failed: one' });
    one(`({ element }) => { log('again ' + element); return element.toUpperCase(); }`);
    const again = await start('by_function', { resume: run.firstExecutionRunId, kind: 'rerun' });
    expect(await outcome(again)).toBe('succeeded');
    expect(calls().slice(4).sort()).toEqual(['again b', 'again d']);
    expect(given()).toEqual(['a', 'B', 'c', 'D']);
  });

  it('that asks for what follows to be skipped asks so in a rerun, too, though most was done before', async () => {
    const code = (text: string) => writeFileSync(join(lab.folder, 'one.sh'), text);
    list([1, 2, 3]);
    code(`echo "$SLUICE_ATTEMPT"; grep -q '"index":2' $SLUICE_INPUT && exit 1; exit 99`);
    const run = await start('by_code');
    expect(await outcome(run)).toContain('failed for 1 of 3 elements');
    const attempts = await lab.session.ledger.attempts(run.firstExecutionRunId);
    const said = attempts.find(({ table }) => table === 'one')?.log.map((line) => line.replace(/^\S+ /, ''));
    expect([...(said ?? [])].sort()).toEqual(['[0] 1', '[1] 1', '[2] 1']);
    code('echo "nothing to do"; exit 99');
    const again = await start('by_code', { resume: run.firstExecutionRunId, kind: 'rerun' });
    expect(await outcome(again)).toBe('succeeded');
    expect(await step(again, 'told')).toMatchObject({ outcome: 'skipped' });
  });

  it('has nothing to do for an empty list, and says what is no list', async () => {
    list([]);
    expect(await outcome(await start('by_function'))).toBe('succeeded');
    expect(given()).toEqual([]);
    list({ a: 1 });
    expect(await outcome(await start('by_function'))).toContain(
      `by_function's task 'one' is done for each element of what 'list' gives, which is object. Let it give a list.`,
    );
  });

  it('gives no more than a result may hold', async () => {
    list([1, 2, 3]);
    one(`() => 'x'.repeat(30000)`);
    expect(await outcome(await start('by_function'))).toContain(
      'what its 3 elements gave has 90009 bytes together; a result is 65536 at most',
    );
  });

  it('is stopped for all when the run is cancelled, and begun for none', async () => {
    list([1, 2, 3, 4, 5]);
    const run = await start('by_script');
    const pids = await eventually('three scripts', () => {
      const file = join(lab.folder, 'pids');
      const found = existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
      return found.length === 3 && found;
    });
    await run.cancel();
    await expect(run.result()).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
    for (const pid of pids) expect(existsSync(`/proc/${pid}`)).toBe(false);
    expect(readFileSync(join(lab.folder, 'pids'), 'utf8').trim().split('\n')).toHaveLength(3);
    expect(await step(run)).toMatchObject({ outcome: 'cancelled' });
  });

  it('goes on with another worker, and does none twice that was done', async () => {
    list(Array.from({ length: 30 }, (_, n) => n));
    one(
      `async ({ element }) => { await new Promise((done) => setTimeout(done, 200)); log(String(element)); return element; }`,
    );
    const run = await start('by_function');
    await eventually('some calls', () => existsSync(join(lab.folder, 'calls')) && calls().length > 5);
    await lab.replaceWorker();
    expect(await outcome(run)).toBe('succeeded');
    expect(given()).toEqual(Array.from({ length: 30 }, (_, n) => n));
    expect(new Set(calls()).size).toBe(30);
  });

  it('is done for a thousand in histories that do not grow with them', async () => {
    list(Array.from({ length: 1_000 }, (_, n) => n));
    one('({ element }) => { log(String(element)); return null; }');
    const run = await start('many');
    expect(await outcome(run)).toBe('succeeded');
    expect(new Set(calls()).size).toBe(1_000);
    expect(calls()).toHaveLength(1_000);
    expect((await run.fetchHistory()).events?.length).toBeLessThan(150);
    const child = `${run.workflowId}/one-${run.firstExecutionRunId.slice(0, 8)}`;
    const last = await lab.session.temporal.workflow.getHandle(child).fetchHistory();
    const began = last.events?.[0]?.workflowExecutionStartedEventAttributes;
    expect(began?.continuedExecutionRunId).not.toBe('');
    expect(last.events?.length).toBeLessThan(4_000);
  });
});
