import { describe, expect, it } from 'vitest';
import { HandedOver, TerminalError } from '../../../core/errors.ts';
import type { ContainerJob, ContainerRunner } from '../port.ts';
import { runsJobs } from './runner.ts';

/** What a runner of containers under test brings. */
export interface ContainersHarness {
  readonly runner: ContainerRunner;
  /** Has `sh`. */
  readonly image: string;
  /** Containers of a token that are under way. */
  readonly underWay: (token: string) => Promise<number>;
  /** Whatever there is of an owner, ended or not. */
  readonly left: (owner: string) => Promise<number>;
}

export const OWNER = 'owner-of-all';
const LIMIT = 65_536;

export function aContainer(image: string, token: string, text: string, more: Partial<ContainerJob> = {}) {
  return {
    subject: `shop's task '${token}'`,
    token,
    owner: OWNER,
    name: token,
    image,
    command: ['sh', '-c', text],
    environment: {},
    input: '{}',
    timeoutMs: 600_000,
    retriesFailures: false,
    ...more,
  } satisfies ContainerJob;
}

/** What holds of every runner of containers. */
export function runsContainers(harness: () => ContainersHarness): void {
  const never = () => new AbortController().signal;
  const lines: string[] = [];
  const run = (
    token: string,
    text: string,
    more: Partial<ContainerJob> = {},
    signal = never(),
    progress: string[] = [],
  ) => {
    lines.length = 0;
    return harness().runner.run(
      aContainer(harness().image, token, text, more),
      signal,
      ({ jobRunId }) => progress.push(jobRunId),
      (line) => lines.push(line),
    );
  };
  const lineWith = (text: string) =>
    expect.poll(() => lines.some((line) => line.includes(text)), { timeout: 60_000 }).toBe(true);

  describe('jobs', () =>
    runsJobs(() => ({
      ...harness(),
      isElsewhere: true,
      request: (behaviour, token) =>
        aContainer(
          harness().image,
          token,
          {
            quick: 'exit 0',
            slow: 'trap "exit 143" TERM; echo at work; while :; do sleep 0.2; done',
            failing: 'echo looking for it; exit 3',
          }[behaviour],
        ),
    })));

  it('finds its input in a file, its variables beside it, and gives what it leaves in another', async () => {
    const input = JSON.stringify({
      text: 'größer "als" 1\n',
      list: Array.from({ length: 5_000 }, (_, i) => i),
    });
    const outcome = await run('talks', 'test "$WORD" = "two words" && cp $SLUICE_INPUT $SLUICE_OUTPUT', {
      input,
      environment: { WORD: 'two words' },
    });
    expect(outcome).toMatchObject({ succeeded: true, exitCode: 0, output: { text: input } });
  });

  it('gives nothing where it leaves nothing, and not more than a result may be', async () => {
    expect((await run('silent', 'true')).output).toBeNull();
    expect((await run('touches', ': > $SLUICE_OUTPUT')).output).toBeNull();
    const large = await run('large', `head -c ${LIMIT + 1} /dev/zero > $SLUICE_OUTPUT`);
    expect(large.output).toEqual({ bytes: LIMIT + 1, text: null });
  });

  it('has its lines heard as they come, of both outputs, the last one without an end', async () => {
    await run('writes', 'echo zwei ä >&2; sleep 1; echo one; printf three');
    expect([...lines].sort()).toEqual(['one', 'three', 'zwei ä']);
  });

  it.each([3, 75, 99, 126])('tells exit code %i', async (code) => {
    const outcome = await run(`code-${code}`, `exit ${code}`);
    expect(outcome).toMatchObject({ succeeded: false, ending: 'exited', exitCode: code });
  });

  it('is stopped when its time is over, however it takes that', async () => {
    const deaf = await run('deaf', 'trap "" TERM; echo up; while :; do sleep 1; done', { timeoutMs: 2_000 });
    expect(deaf.ending).toBe('timed out');
    const obedient = await run('obedient', 'trap "exit 0" TERM; while :; do sleep 1; done', {
      timeoutMs: 2_000,
    });
    expect(obedient).toMatchObject({ ending: 'timed out', succeeded: false });
  });

  it('is told to stop before it is killed', async () => {
    const abort = new AbortController();
    const running = run(
      'tidy',
      'trap "echo tidied up; exit 0" TERM; echo up; while :; do sleep 1; done',
      {},
      abort.signal,
    );
    await lineWith('up');
    abort.abort(new Error('cancelled'));
    await expect(running).rejects.toThrow('cancelled');
    expect(await harness().underWay('tidy')).toBe(0);
  });

  it('is run once: an attempt that finds it ended takes what it gave', async () => {
    const ids: string[] = [];
    const text = 'echo "$(date +%s%N)" > $SLUICE_OUTPUT';
    const first = await run('once', text, {}, never(), ids);
    const second = await run('once', text, {}, never(), ids);
    expect(second.output).toEqual(first.output);
    expect(new Set(ids).size).toBe(1);
  });

  it('that failed for good is not run again by an attempt whose forerunner died before it could tell', async () => {
    const ids: string[] = [];
    await run('final', 'echo the reason; exit 3', {}, never(), ids);
    const again = await run('final', 'echo the reason; exit 3', {}, never(), ids);
    expect(again).toMatchObject({ exitCode: 3, ending: 'exited' });
    expect(lines).toContain('the reason');
    expect(new Set(ids).size).toBe(1);
  });

  it('that asked to be tried again is run again', async () => {
    const ids: string[] = [];
    await run('again', 'exit 75', {}, never(), ids);
    await run('again', 'exit 75', {}, never(), ids);
    expect(new Set(ids).size).toBe(2);
  });

  it('whose task is tried again whatever it failed of is run again', async () => {
    const ids: string[] = [];
    await run('retried', 'exit 3', { retriesFailures: true }, never(), ids);
    await run('retried', 'exit 0', { retriesFailures: true }, never(), ids);
    await run('retried', 'exit 3', { retriesFailures: true }, never(), ids);
    expect(new Set(ids).size).toBe(2);
  });

  it('keeps its time over attempts: the one that joins counts from its start', async () => {
    const abort = new AbortController();
    const text = 'trap "exit 143" TERM; echo up; while :; do sleep 0.2; done';
    const left = run('long', text, { timeoutMs: 6_000 }, abort.signal);
    await lineWith('up');
    abort.abort(new HandedOver('the worker stops'));
    await expect(left).rejects.toBeInstanceOf(HandedOver);
    const outcome = await run('long', text, { timeoutMs: 6_000 });
    expect(outcome.ending).toBe('timed out');
    expect(lines).toContain('up');
  });

  it.each([
    ['is not there', 'absent', 'no-such-program', /not found/],
    ['may not be run', 'forbidden', '/etc/passwd', /permission denied/],
  ])('tells a program that %s by its name, and does not try again', async (_, token, program, why) => {
    const { runner, image } = harness();
    const failure: unknown = await runner
      .run(aContainer(image, token, '', { command: [program] }), never())
      .catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(TerminalError);
    expect((failure as Error).message).toContain(`shop's task '${token}'`);
    expect((failure as Error).message).toContain(program);
    expect((failure as Error).message).toMatch(why);
    expect(await harness().underWay(token)).toBe(0);
  });

  it('tells one that takes more memory than it may have: it is killed, for that', async () => {
    const memory = 512 * 1024 ** 2;
    const outcome = await run('greedy', 'exec tail /dev/zero', { memory });
    expect(outcome).toMatchObject({ succeeded: false, ending: 'out of memory', exitCode: 137 });
  });

  it('leaves nothing of an owner who is released, be it at work', async () => {
    const { runner, left, underWay, image } = harness();
    const abort = new AbortController();
    const job = aContainer(image, 'orphan', 'sleep 600', { owner: 'another' });
    const running = runner.run(job, abort.signal);
    await expect.poll(() => underWay('orphan'), { timeout: 60_000 }).toBe(1);
    abort.abort(new HandedOver('the worker dies'));
    await expect(running).rejects.toBeInstanceOf(HandedOver);
    expect(await left('another')).toBe(1);
    await runner.release('another');
    await runner.release('another');
    await expect.poll(() => left('another'), { timeout: 60_000 }).toBe(0);
    await runner.release(OWNER);
    await expect.poll(() => left(OWNER), { timeout: 60_000 }).toBe(0);
  });
}
