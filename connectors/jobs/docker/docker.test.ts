import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TerminalError, Unreachable } from '../../../core/errors.ts';
import { aContainer, OWNER, runsContainers } from '../conformance/containers.ts';
import { Docker } from './docker.ts';
import { Engine } from './engine.ts';
import { HOST, IMAGE, looksAt, missingEngine } from './engine-harness.ts';
import { pull } from './images.ts';

const OUTPUT_LIMIT = 65_536;
const missing = await missingEngine();
if (missing !== undefined)
  describe.skip(`Docker NOT TESTED: ${missing}`, () => it('runs containers', () => undefined));
else describe('Docker', { timeout: 120_000 }, runs);

function runs(): void {
  const engine = new Engine(HOST);
  const runner = new Docker({ host: HOST, outputLimit: OUTPUT_LIMIT });
  const look = looksAt(engine);
  const never = () => new AbortController().signal;
  beforeAll(async () => {
    await runner.release(OWNER);
    await engine
      .json('GET', `/images/${IMAGE}/json`)
      .catch(() => pull(engine, IMAGE, 'The tests', undefined, never()));
  });
  afterAll(async () => {
    for (const owner of [OWNER, 'another']) await runner.release(owner);
  });

  runsContainers(() => ({ runner, image: IMAGE, underWay: look.underWay, left: look.left }));

  it('bounds what a container may take', async () => {
    const job = aContainer(IMAGE, 'bounded', 'trap "exit 143" TERM; echo up; while :; do sleep 0.2; done', {
      cpu: 0.5,
      memory: 64 * 1024 ** 2,
    });
    const abort = new AbortController();
    const up: string[] = [];
    const running = runner.run(job, abort.signal, undefined, (line) => up.push(line));
    await expect.poll(() => up, { timeout: 60_000 }).toContain('up');
    const [found] = await look.list({ label: [`sluice.owner=${OWNER}`], status: ['running'] });
    const { HostConfig } = (await engine.json('GET', `/containers/${found?.Id ?? ''}/json`)) as {
      HostConfig: { NanoCpus: number };
    };
    expect(HostConfig.NanoCpus).toBe(5e8);
    abort.abort(new Error('enough'));
    await expect(running).rejects.toThrow('enough');
  });

  it('says which image cannot be had, and what to do', async () => {
    const failure: unknown = await runner
      .run(aContainer('127.0.0.1:1/nobody/nothing:1.2', 'unknown-image', ''), never())
      .catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(Unreachable);
    expect((failure as Error).message).toMatch(
      /task 'unknown-image': image '127.0.0.1:1\/nobody\/nothing:1.2' is not on this engine/,
    );
    await expect(runner.run(aContainer('Not An Image', 'bad-image', ''), never())).rejects.toBeInstanceOf(
      TerminalError,
    );
  });

  it('calls an engine that is away unreachable, and names it', async () => {
    const away = new Docker({ host: 'unix:///no/such.sock', outputLimit: OUTPUT_LIMIT });
    await expect(away.run(aContainer(IMAGE, 'away', ''), never())).rejects.toMatchObject({
      name: 'Unreachable',
      message: expect.stringMatching(/unix:\/\/\/no\/such.sock could not be reached: ENOENT/) as string,
    });
  });

  it('says which addresses of an engine there are', async () => {
    const odd = new Docker({ host: 'ssh://somewhere', outputLimit: OUTPUT_LIMIT });
    await expect(odd.run(aContainer(IMAGE, 'odd', ''), never())).rejects.toMatchObject({
      name: 'TerminalError',
      message: expect.stringMatching(/'ssh:\/\/somewhere'.*unix:/) as string,
    });
  });

  it('begins anew where its forerunner died between making and starting a container', async () => {
    const job = aContainer(IMAGE, 'half-made', 'echo begun');
    const lines: string[] = [];
    const { Containers } = await import('./containers.ts');
    await new Containers(engine, undefined).make(job);
    const outcome = await runner.run(job, never(), undefined, (line) => lines.push(line));
    expect(outcome.succeeded).toBe(true);
    expect(lines).toEqual(['begun']);
  });

  it('runs again what somebody has killed from outside', async () => {
    const job = aContainer(IMAGE, 'shot', 'trap "exit 143" TERM; echo up; while :; do sleep 0.2; done');
    const up: string[] = [];
    const running = runner.run(job, never(), undefined, (line) => up.push(line));
    await expect.poll(() => up, { timeout: 60_000 }).toContain('up');
    const [found] = await look.list({ label: [`sluice.owner=${OWNER}`], status: ['running'] });
    await engine.json('POST', `/containers/${found?.Id ?? ''}/kill`);
    expect(await running).toMatchObject({ ending: 'killed', exitCode: 137 });
    const abort = new AbortController();
    const again = runner.run(job, abort.signal, undefined, (line) => up.push(line));
    await expect.poll(() => up.length, { timeout: 60_000 }).toBe(2);
    abort.abort(new Error('enough'));
    await expect(again).rejects.toThrow('enough');
  });

  it('removes what nobody came back for with the next container that is started', async () => {
    const { Containers } = await import('./containers.ts');
    const job = aContainer(IMAGE, 'forgotten', 'true', { owner: 'another', timeoutMs: -48 * 3_600_000 });
    await new Containers(engine, undefined).make(job);
    expect(await look.left('another')).toBe(1);
    await runner.run(aContainer(IMAGE, 'next', 'true'), never());
    expect(await look.left('another')).toBe(0);
  });
}
