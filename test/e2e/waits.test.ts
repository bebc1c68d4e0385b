import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startRun, type RunHandle } from '../../operations/start-run.ts';
import { noteOf } from '../../operations/step-notes.ts';
import { definePipeline } from '../../core/pipeline.ts';
import type { RunPipelineInput } from '../../core/run-input.ts';
import type { WaitTask } from '../../core/tasks.ts';
import { day } from '../faults/lab.ts';
import { eventually } from '../faults/wait.ts';
import { openTaskLab, type TaskLab } from './task-lab.ts';

let server: Server;
let lab: TaskLab;
/** How the endpoint answers; 0: not at all. */
let answer = 0;
let asked = 0;

const ofPrices = (name: string, rest: object) =>
  definePipeline({
    name,
    description: 'Prices, once something is there',
    schedule: { cron: '0 0 * * *', timezone: 'UTC' },
    start: '2024-03-01',
    source: 'shop',
    tables: { prices: { domain: name, from: 'shop.prices', extract: { mode: 'snapshot' } } },
    ...rest,
  });
const waiting = (name: string, wait: Omit<WaitTask, 'before'>) =>
  ofPrices(name, {
    tasks: {
      there: { every: '1 second', ...wait, before: ['extract'] },
      told: { script: ['sh', '-c', 'cp $SLUICE_INPUT told'], after: ['there'] },
    },
  });

beforeAll(async () => {
  server = createServer((_request, response) => {
    asked += 1;
    if (answer) response.writeHead(answer).end('x');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  lab = await openTaskLab([
    waiting('by_file', { waitFor: { file: 'incoming/{date}/*.csv' } }),
    waiting('by_sql', { waitFor: { sql: `select sku, price from shop.closed where day = '{date}'; ` } }),
    waiting('by_bad_sql', { waitFor: { sql: 'delete from shop.closed returning 1' } }),
    waiting('by_writing', { waitFor: { sql: 'delete from raw_first.prices returning 1', on: 'warehouse' } }),
    waiting('by_rows', { waitFor: { sql: 'select count(*) as n from raw_first.prices', on: 'warehouse' } }),
    waiting('by_value', { waitFor: { sql: `select ('CAN' || 'ARY7319, Elm St')::int`, on: 'warehouse' } }),
    waiting('by_http', { waitFor: { http: `http://127.0.0.1:${port}/ready?day={date}` } }),
    waiting('by_pipeline', { waitFor: { pipeline: 'first' } }),
    waiting('in_vain', { waitFor: { file: 'never' }, timeout: '3 seconds' }),
    waiting('by_choice', { waitFor: { file: 'never' }, timeout: '3 seconds', onTimeout: 'skip' }),
    waiting('by_patience', { waitFor: { file: 'patience' }, every: '8 seconds', timeout: '8 seconds' }),
    ofPrices('first', {}),
  ]);
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await lab.close();
});
beforeEach(async () => {
  answer = asked = 0;
  await lab.forget();
  await lab.lab.source.query('CREATE TABLE shop.closed (day date, sku int, price numeric)');
});

const start = (pipeline: string, input: Partial<RunPipelineInput> = {}) =>
  startRun(lab.session, lab.registry, { pipeline, interval: day('2024-03-02'), ...input });
const steps = async (run: RunHandle) => {
  const found = await lab.session.ledger.steps([run.firstExecutionRunId]);
  return Object.fromEntries(found.map((step) => [step.table ?? step.step, step]));
};
const looks = async (run: RunHandle) => (await run.describe()).raw.pendingActivities?.[0]?.attempt ?? 0;
/** Waits until it has looked in vain so many times. */
const untilLooked = (run: RunHandle, times = 2) =>
  eventually('looks in vain', async () => (await looks(run)) > times);
const outcome = (run: RunHandle) =>
  run.result().then(
    () => 'succeeded',
    (error: unknown) => (error as { cause?: Error }).cause?.message ?? 'failed',
  );
const put = (path: string) => {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, 'x');
  const before = new Date(Date.now() - 60_000);
  utimesSync(path, before, before);
};

describe('a step that waits', { timeout: 120_000 }, () => {
  it('that fails on a value of a row says which statement it was, and not the value', async () => {
    const said = await outcome(await start('by_value'));
    expect(said).toMatch(/there.*Conversion Error/s);
    expect(said).not.toMatch(/CANARY|Elm St/);
  });

  it('for files of the interval: their names are its result', async () => {
    const run = await start('by_file');
    await untilLooked(run);
    const waits = (await steps(run))['there'];
    expect(waits && noteOf(waits)).toBe('waits for file incoming/2024-03-02/*.csv');
    put(join(lab.lab.lakeFolder, 'incoming/2024-03-01/a.csv'));
    for (const name of ['b.csv', 'a.csv', 'c.txt'])
      put(join(lab.lab.lakeFolder, 'incoming/2024-03-02', name));
    expect(await outcome(run)).toBe('succeeded');
    const folder = join(lab.lab.lakeFolder, 'incoming/2024-03-02');
    expect(lab.json('told')).toMatchObject({
      results: { there: [join(folder, 'a.csv'), join(folder, 'b.csv')] },
    });
  });

  it('for a row in the source: the row is its result, as text', async () => {
    const run = await start('by_sql');
    await untilLooked(run);
    await lab.lab.source.query(`INSERT INTO shop.closed VALUES ('2024-03-02', 7, 12345678901234567890.10)`);
    expect(await outcome(run)).toBe('succeeded');
    expect(lab.json('told')).toMatchObject({
      results: { there: { sku: '7', price: '12345678901234567890.10' } },
    });
  });

  it('for a statement that does not only read fails at once, and changes nothing', async () => {
    await lab.lab.source.query(`INSERT INTO shop.closed VALUES ('2024-03-02', 7, 1)`);
    expect(await outcome(await start('by_bad_sql'))).toMatch(/there: Source 'shop' .*syntax error/);
    expect((await lab.lab.source.query('SELECT * FROM shop.closed')).rows).toHaveLength(1);
  });

  it('for a row in the warehouse, which is not changed by looking', async () => {
    await outcome(await start('first'));
    expect(await outcome(await start('by_writing'))).toMatch(/there: .*only/s);
    const run = await start('by_rows');
    expect(await outcome(run)).toBe('succeeded');
    expect(lab.json('told')).toMatchObject({ results: { there: { n: '50' } } });
  });

  it('for an address: one that hangs, or answers otherwise, is asked again', async () => {
    answer = 503;
    const run = await start('by_http');
    await untilLooked(run);
    answer = 0; // hangs
    const last = async () => (await run.describe()).raw.pendingActivities?.[0]?.lastFailure?.message;
    await eventually(
      'a request that is given up',
      async () => (await last()) === 'no answer within 30 s',
      90_000,
    );
    answer = 204;
    expect(await outcome(run)).toBe('succeeded');
    expect(lab.json('told')).toMatchObject({ results: { there: { status: 204 } } });
  });

  it('for an address that hangs ends when the run is cancelled', async () => {
    const run = await start('by_http');
    await eventually('a request', () => asked > 0);
    await run.cancel();
    await expect(run.result()).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
    expect((await steps(run))['there']).toMatchObject({ outcome: 'cancelled' });
  });

  it('for an interval of another pipeline: all of it must have been run', async () => {
    const run = await start('by_pipeline');
    await untilLooked(run);
    await outcome(await start('first', { interval: day('2024-03-01') }));
    await untilLooked(run, (await looks(run)) + 1);
    expect((await run.describe()).raw.pendingActivities?.[0]?.lastFailure?.message).toBe(
      'prices of first not loaded for 2024-03-02Z/2024-03-03Z',
    );
    await outcome(await start('first'));
    expect(await outcome(run)).toBe('succeeded');
  });

  it('in vain fails in time, or is skipped, saying what the last look found', async () => {
    const [failing, skipping] = [await start('in_vain'), await start('by_choice')];
    const late = 'file never: not within 3 seconds (last look: there is no such file)';
    expect(await outcome(failing)).toContain(`in_vain's step 'there' waited for ${late}`);
    expect(await steps(failing)).toMatchObject({
      there: { outcome: 'failed' },
      prices: { outcome: 'skipped', error: 'upstream failed: there' },
    });
    expect(await outcome(skipping)).toBe('succeeded');
    expect(await steps(skipping)).toMatchObject({ there: { outcome: 'skipped', error: late } });
  });

  it('looks once more when its time is over, which is not before', async () => {
    const run = await start('by_patience');
    await untilLooked(run, 1);
    put(join(lab.lab.lakeFolder, 'patience'));
    expect(await outcome(run)).toBe('succeeded');
    const { there } = await steps(run);
    expect(Date.parse(there?.finishedAt ?? '') - Date.parse(there?.startedAt ?? '')).toBeGreaterThan(7_000);
  });

  it('ends when the run is cancelled between two looks', async () => {
    const run = await start('by_file');
    await untilLooked(run);
    await run.cancel();
    await expect(run.result()).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
    expect((await steps(run))['there']).toMatchObject({ outcome: 'cancelled' });
  });

  it('looks as often as it must in a history of the same length, and goes on with another worker', async () => {
    const run = await start('by_file');
    await untilLooked(run, 2);
    const length = async () => (await run.fetchHistory()).events?.length ?? 0;
    const before = await length();
    await lab.replaceWorker();
    await untilLooked(run, 8);
    expect(await length()).toBe(before);
    put(join(lab.lab.lakeFolder, 'incoming/2024-03-02/a.csv'));
    expect(await outcome(run)).toBe('succeeded');
  });
});
