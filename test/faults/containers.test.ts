import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { packed } from '../../connectors/jobs/docker/archive.ts';
import { Engine } from '../../connectors/jobs/docker/engine.ts';
import { HOST, IMAGE, looksAt, missingEngine } from '../../connectors/jobs/docker/engine-harness.ts';
import { pull } from '../../connectors/jobs/docker/images.ts';
import type { RunHandle } from '../../operations/start-run.ts';
import type { LabWorker } from './crew.ts';
import { day, Lab } from './lab.ts';
import { eventually } from './wait.ts';

const SECRET = 'a-secret-nobody-may-read';
const missing = await missingEngine();
if (missing !== undefined)
  describe.skip(`Tasks in containers NOT TESTED: ${missing}`, () => it('run', () => undefined));
else describe('a task that is a container', { timeout: 240_000 }, runs);

function runs(): void {
  const engine = new Engine(HOST);
  const look = looksAt(engine);
  let lab: Lab;
  let worker: LabWorker;
  beforeAll(async () => {
    await engine
      .json('GET', `/images/${IMAGE}/json`)
      .catch(() => pull(engine, IMAGE, 'The tests', undefined, new AbortController().signal));
    lab = await Lab.open((profile) => ({
      ...profile,
      jobs: { container: { type: 'docker', host: HOST, registries: {} } },
      tasks: { work: { env: { TOKEN: SECRET } }, broken: { env: { TOKEN: SECRET } } },
    }));
    worker = await lab.startWorker();
  });
  afterAll(() => lab.close());
  beforeEach(() => lab.forget());

  const start = () => lab.run({ pipeline: 'shop_contained', interval: day('2024-03-02') });
  const runIdOf = (run: RunHandle) => run.firstExecutionRunId;
  const containersOf = (run: RunHandle) => look.list({ label: [`sluice.owner=${runIdOf(run)}`] });
  const atWork = async (run: RunHandle): Promise<string> => {
    let id = '';
    await eventually('a container at work', async () => {
      const [found] = (await containersOf(run)).filter(({ State }) => State === 'running');
      id = found?.Id ?? '';
      return id !== '';
    });
    return id;
  };
  const letGo = async (id: string) =>
    engine.json('PUT', `/containers/${id}/archive`, {
      query: { path: '/' },
      body: await packed('sluice', 'go', 'now'),
    });
  const attemptsOf = async (run: RunHandle, task: string) =>
    (await lab.session.ledger.attempts(runIdOf(run))).filter(({ table }) => table === task);
  const stepOf = async (run: RunHandle, task: string) =>
    (await lab.session.ledger.steps([runIdOf(run)])).find(({ table }) => table === task);

  it('is a step like a script: result, log, secrets, exit codes; nothing of it stays in the engine', async () => {
    const run = await start();
    await letGo(await atWork(run));
    await expect(run.result()).rejects.toMatchObject({
      cause: {
        message: expect.stringMatching(
          /shop_contained's task 'broken' failed with exit code 3\.\nIts last lines:\nno stock of \*\*\*/,
        ) as string,
      },
    });
    const [attempt] = await attemptsOf(run, 'work');
    expect(attempt?.log.join('\n')).toMatch(/container \w{12} of debian:bookworm-slim: started/);
    expect(attempt?.log.join('\n')).toContain('up with *** in trial');
    expect((await stepOf(run, 'work'))?.result).toMatchObject({
      output: { at: expect.any(Number) as number },
    });
    expect((await stepOf(run, 'told'))?.result).toMatchObject({
      output: { pipeline: 'shop_contained', results: { work: { at: expect.any(Number) as number } } },
    });
    expect(await stepOf(run, 'few')).toMatchObject({ outcome: 'skipped', error: 'nothing new' });
    expect(JSON.stringify(await lab.session.ledger.steps([runIdOf(run)]))).not.toContain(SECRET);
    expect(await containersOf(run)).toEqual([]);
  });

  it('outlives a worker that is killed, and its successor joins it: it is run once', async () => {
    const run = await start();
    const id = await atWork(run);
    await worker.kill();
    worker = await lab.startWorker();
    await eventually('the attempt that joins it', async () =>
      (await attemptsOf(run, 'work')).some(({ log }) => log.join().includes('joined')),
    );
    expect((await containersOf(run)).map(({ Id }) => Id)).toEqual([id]);
    await letGo(id);
    await run.result().catch(() => undefined);
    expect(await stepOf(run, 'work')).toMatchObject({ outcome: 'succeeded', attempt: 2 });
    expect(await containersOf(run)).toEqual([]);
  });

  it('that ends while no worker is there is not run again', async () => {
    const run = await start();
    const id = await atWork(run);
    await worker.kill();
    await letGo(id);
    await eventually('its end', async () => (await containersOf(run))[0]?.State === 'exited');
    const before = Date.now();
    worker = await lab.startWorker();
    await run.result().catch(() => undefined);
    const step = await stepOf(run, 'work');
    expect(step).toMatchObject({ outcome: 'succeeded', attempt: 2 });
    expect((step?.result as { output: { at: number } }).output.at).toBeLessThan(before);
  });

  it('goes on where its worker stops as an operator would have it stop', async () => {
    const run = await start();
    const id = await atWork(run);
    await worker.stop();
    expect((await containersOf(run)).map(({ State }) => State)).toEqual(['running']);
    worker = await lab.startWorker();
    await letGo(id);
    await run.result().catch(() => undefined);
    expect(await stepOf(run, 'work')).toMatchObject({ outcome: 'succeeded' });
  });

  it('is stopped and removed when its run is cancelled', async () => {
    const run = await start();
    await atWork(run);
    await run.cancel();
    await expect(run.result()).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
    expect(await containersOf(run)).toEqual([]);
  });

  it('is removed when its run is cancelled while no worker is there', async () => {
    const run = await start();
    await atWork(run);
    await worker.kill();
    await run.cancel();
    worker = await lab.startWorker();
    await expect(run.result()).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
    await eventually('nothing left', async () => (await containersOf(run)).length === 0);
  });

  it('is stopped when its run is terminated', async () => {
    const run = await start();
    await atWork(run);
    await run.terminate('enough');
    await eventually('nothing left', async () => (await containersOf(run)).length === 0);
  });
}
