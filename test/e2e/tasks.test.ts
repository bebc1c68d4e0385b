import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Connectors } from '../../activities/connectors.ts';
import { startRun } from '../../operations/start-run.ts';
import { ProjectTasks } from '../../connectors/tasks/project.ts';
import { definePipeline } from '../../core/pipeline.ts';
import { resolveAll } from '../../core/registry.ts';
import { stepKey } from '../../core/run.ts';
import type { RunPipelineInput } from '../../core/run-input.ts';
import { day, Lab } from '../faults/lab.ts';
import { openConnectors, startOwnWorker, type OwnWorker } from '../faults/own-worker.ts';
import { eventually } from '../faults/wait.ts';

const bash = (text: string): { script: [string, ...string[]] } => ({ script: ['bash', '-c', text] });

/** A table, and tasks in every position: before it, after it, by choice, after a failure, and whatever happens. */
const tasked = definePipeline({
  name: 'tasked',
  description: 'Prices, and what is done with them',
  schedule: { cron: '0 0 * * *', timezone: 'UTC' },
  start: '2024-03-01',
  source: 'shop',
  tables: { prices: { domain: 'tasked', from: 'shop.prices', extract: { mode: 'snapshot' } } },
  tasks: {
    begin: { ...bash('echo begin >> log'), before: ['extract'] },
    choose: { run: 'choose', after: ['load:prices'] },
    many: { ...bash('echo many >> log; echo \'{"seen": 50}\' > $SLUICE_OUTPUT'), onlyIf: 'choose' },
    few: { ...bash('echo few >> log'), onlyIf: 'choose' },
    after_few: { ...bash('echo after_few >> log'), after: ['few'] },
    shaky: { ...bash('test -e mended || { echo "the disk is full"; exit 1; }'), after: ['many'] },
    dependent: { ...bash('echo dependent >> log'), after: ['shaky'] },
    alarm: { ...bash('echo alarm >> log'), after: ['shaky'], when: 'failed' },
    tidy: { ...bash('echo tidy >> log'), after: ['dependent', 'alarm'], when: 'always' },
  },
});
const waiting = definePipeline({
  ...tasked,
  name: 'waiting',
  tables: { prices: { domain: 'waiting', from: 'shop.prices', extract: { mode: 'snapshot' } } },
  tasks: { wait: { ...bash('echo $$ > pid; sleep 600'), after: ['load'] } },
});
const cared = definePipeline({
  ...tasked,
  name: 'cared',
  tables: { prices: { domain: 'cared', from: 'shop.prices', extract: { mode: 'snapshot' } } },
  tasks: {
    tidy: { care: { unsorted: 1 } },
    some: { care: { tables: ['prices'] }, after: ['load'] },
  },
});
const large = Array.from({ length: 27 }, (_, index) => `large_${index}`);
const joined = definePipeline({
  name: 'joined',
  description: 'One task after many that give much',
  schedule: { cron: '0 0 * * *', timezone: 'UTC' },
  start: '2024-03-01',
  tasks: {
    ...Object.fromEntries(large.map((name) => [name, { run: 'large' }])),
    join: { ...bash('echo joined >> log'), after: large },
    half: { ...bash('echo half >> log'), after: large.slice(0, 20) },
  },
});
/** Whatever a task fails of, and what says nothing of that. */
const retried = definePipeline({
  name: 'retried',
  description: 'Tasks that are tried again',
  schedule: { cron: '0 0 * * *', timezone: 'UTC' },
  start: '2024-03-01',
  tasks: {
    script: { ...bash('echo script >> log; test $SLUICE_ATTEMPT -gt 1'), retry: { after: '1 second' } },
    killed: {
      ...bash('echo killed >> log; test $SLUICE_ATTEMPT -gt 1 || kill -9 $$'),
      retry: { after: '4 seconds' },
    },
    final: { run: 'final', retry: { after: '1 second' } },
    function: { run: 'shaky', retry: { after: '1 second' } },
    slow: {
      ...bash('echo slow >> log; test $SLUICE_ATTEMPT -gt 1 || exec sleep 600'),
      timeout: '2 seconds',
      retry: { after: '1 second' },
    },
    hopeless: { ...bash('echo hopeless >> log; exit 3'), attempts: 2, retry: { after: '4 seconds' } },
    misspelled: { script: ['no-such-program'], retry: { after: '1 second' } },
    once: bash('echo once >> log; exit 3'),
  },
});
const registry = resolveAll([joined, tasked, waiting, cared, retried]);
const DAY = day('2024-03-02');

let lab: Lab;
let folder: string;
let connectors: Connectors;
let worker: OwnWorker;

beforeAll(async () => {
  lab = await Lab.open();
  folder = join(lab.home, 'tasks');
  connectors = {
    ...(await openConnectors(lab.profile, lab.session.ledger)),
    registry,
    tasks: new ProjectTasks({ folder }),
  };
  worker = await startOwnWorker(lab.profile, connectors);
});
afterAll(async () => {
  await worker.stop();
  await (await connectors.source('shop')).close();
  await connectors.warehouse.close();
  await lab.close();
});
beforeEach(async () => {
  await lab.forget();
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  writeFileSync(
    join(folder, 'choose.ts'),
    `export default ({ results }) => (results['load:prices'].rows > 10 ? ['many'] : ['few']);`,
  );
});

/** Starts a run and waits for its end, whatever that is. */
const run = async (input: Partial<RunPipelineInput> = {}) => {
  const handle = await startRun(lab.session, registry, { pipeline: 'tasked', interval: DAY, ...input });
  const error = await handle.result().then(
    () => undefined,
    (failure: unknown) => (failure as { cause?: Error }).cause?.message,
  );
  return { runId: handle.firstExecutionRunId, error };
};
const outcomes = async (runId: string): Promise<Record<string, string>> => {
  const steps = await lab.session.ledger.steps([runId]);
  return Object.fromEntries(
    steps.map(({ step, table, outcome, error }) => [
      stepKey(step, table),
      outcome === 'skipped' ? `skipped: ${error ?? ''}` : outcome,
    ]),
  );
};
const log = () => readFileSync(join(folder, 'log'), 'utf8').trim().split('\n');

describe('a run with tasks', () => {
  it('does each where its place and the results before it say, and says of the others why they were left out', async () => {
    const { runId, error } = await run();
    expect(error).toContain("A step failed:\n  - shaky: tasked's task 'shaky' failed with exit code 1");
    expect(error).toContain('the disk is full');
    expect(log()).toEqual(['begin', 'many', 'alarm', 'tidy']);
    expect(await outcomes(runId)).toEqual({
      begin: 'succeeded',
      'extract:prices': 'succeeded',
      'load:prices': 'succeeded',
      choose: 'succeeded',
      many: 'succeeded',
      few: `skipped: 'choose' chose many`,
      after_few: 'skipped: upstream was skipped: few',
      shaky: 'failed',
      dependent: 'skipped: upstream failed: shaky',
      alarm: 'succeeded',
      tidy: 'succeeded',
      check: 'succeeded',
      publish: 'succeeded',
    });
  });

  it('keeps what each step has written, of every attempt', async () => {
    const { runId } = await run();
    const attempts = await lab.session.ledger.attempts(runId);
    const of = (key: string) => attempts.filter(({ step, table }) => stepKey(step, table) === key);
    expect(of('shaky')).toMatchObject([
      { attempt: 1, outcome: 'failed', log: [expect.stringMatching(/Z the disk is full$/)] },
    ]);
    expect(of('load:prices')).toMatchObject([{ attempt: 1, outcome: 'succeeded', log: [] }]);
    expect(of('few')).toEqual([]);
  });

  it('cares for the tables of its pipeline in the warehouse, and says what it has done', async () => {
    const { runId, error } = await run({ pipeline: 'cared' });
    expect(error).toBeUndefined();
    const steps = await lab.session.ledger.steps([runId]);
    const given = (task: string) => steps.find(({ table }) => table === task)?.result;
    expect(given('some')).toEqual({
      output: {
        looked: 1,
        done: [
          { table: 'raw_cared.prices', does: 'analyze', seconds: expect.any(Number) as number },
          { table: null, does: 'checkpoint', seconds: expect.any(Number) as number },
        ],
        more: 0,
      },
    });
    expect(given('tidy')).toMatchObject({ output: { looked: 1 } });
    const attempts = await lab.session.ledger.attempts(runId);
    expect(attempts.find(({ table }) => table === 'tidy')?.log[0]).toMatch(
      /raw_cared.prices: analyze, \d+\.\d s: DuckDB does not tell/,
    );
  });

  it('says of a step that nothing decides on why it has failed, as of any other', async () => {
    writeFileSync(join(folder, 'choose.ts'), 'export default () => 5;');
    const { runId, error } = await run();
    expect(error).toMatch(/many: .*'choose'/s);
    expect(await outcomes(runId)).toMatchObject({ choose: 'succeeded', many: 'failed', few: 'failed' });
    const steps = await lab.session.ledger.steps([runId]);
    expect(steps.find(({ table }) => table === 'many')?.error).toContain(`'choose'`);
  });

  it('fails a task that comes after more than it can be told, and says so; the rest goes on', async () => {
    writeFileSync(join(folder, 'large.ts'), `export default () => 'x'.repeat(60_000);`);
    const { error } = await run({ pipeline: 'joined' });
    expect(error).toMatch(
      /join: joined's task 'join' comes after 27 steps, whose results have 1620\d+ bytes together/,
    );
    expect(log()).toEqual(['half']);
  });

  it('tries a task again whatever it failed of where it asks for that, as often as it may, and no other', async () => {
    writeFileSync(
      join(folder, 'shaky.ts'),
      `export default ({ attempt, log }) => { log('asked'); if (attempt === 1) throw new Error('not yet'); return attempt; };`,
    );
    writeFileSync(
      join(folder, 'final.ts'),
      `class TerminalError extends Error { name = 'TerminalError' } export default () => { throw new TerminalError('no such customer'); };`,
    );
    const { runId, error } = await run({ pipeline: 'retried' });
    const began = log().sort();
    expect(began).toEqual([
      'hopeless',
      'hopeless',
      'killed',
      'killed',
      'once',
      'script',
      'script',
      'slow',
      'slow',
    ]);
    expect(await outcomes(runId)).toEqual({
      script: 'succeeded',
      function: 'succeeded',
      slow: 'succeeded',
      killed: 'succeeded',
      final: 'failed',
      hopeless: 'failed',
      misspelled: 'failed',
      once: 'failed',
    });
    expect(error).toMatch(/'hopeless' failed with exit code 3[^]*\(2 attempts in /);
    const attempts = await lab.session.ledger.attempts(runId);
    const ofFunction = attempts.filter(({ table }) => table === 'function');
    expect(ofFunction.map(({ error }) => error?.split('\n')[0])).toEqual([
      "retried's task 'function' failed: not yet",
      undefined,
    ]);
    // Longer than steps wait by themselves.
    for (const task of ['hopeless', 'killed']) {
      const [first, second] = attempts.filter(({ table }) => table === task);
      const pause = Date.parse(second?.startedAt ?? '') - Date.parse(first?.finishedAt ?? '');
      expect(pause).toBeGreaterThanOrEqual(3_900);
    }
    expect(attempts.filter(({ table }) => table === 'final')).toHaveLength(1);
    expect(attempts.filter(({ table }) => table === 'misspelled')).toHaveLength(1);
  });

  it('that is run again does what is missing, and takes results of tasks from the run before', async () => {
    const before = await run();
    writeFileSync(join(folder, 'mended'), '');
    rmSync(join(folder, 'log'));
    const { runId, error } = await run({ resume: before.runId, kind: 'rerun' });
    expect(error).toBeUndefined();
    expect(log()).toEqual(['dependent', 'tidy']); // which had come after another end
    expect(await outcomes(runId)).toMatchObject({
      shaky: 'succeeded',
      dependent: 'succeeded',
      few: `skipped: 'choose' chose many`,
      alarm: 'skipped: nothing before it failed',
    });
  });

  it('starts from a task and does what comes after it, no more', async () => {
    writeFileSync(join(folder, 'mended'), '');
    expect((await run()).error).toBeUndefined();
    rmSync(join(folder, 'log'));
    expect((await run({ fromStep: 'many' })).error).toBeUndefined();
    expect(log()).toEqual(['many', 'dependent', 'tidy']);
    await expect(run({ fromStep: 'mny' })).rejects.toThrow(`'mny' is no step of the run; is 'many' meant?`);
  });

  it('that is cancelled stops a task with all that it started, and begins none', async () => {
    const handle = await startRun(lab.session, registry, { pipeline: 'waiting', interval: DAY });
    const pid = await eventually('the task to run', () => {
      const file = join(folder, 'pid');
      return existsSync(file) && (readFileSync(file, 'utf8').trim() || undefined);
    });
    await handle.cancel();
    await expect(handle.result()).rejects.toThrow();
    expect(existsSync(`/proc/${pid}`)).toBe(false);
    expect(await outcomes(handle.firstExecutionRunId)).toMatchObject({ wait: 'cancelled' });
  });
});
