import { expect, it } from 'vitest';
import { HandedOver } from '../../../core/errors.ts';
import type { JobOutcome, JobRequest, JobRunner } from '../port.ts';

/** What a runner under test brings: jobs that behave in three ways, and how to look at its service from outside. */
export interface RunnerHarness<Request extends JobRequest> {
  readonly runner: JobRunner<Request>;
  /**
   * `quick` ends well at once; `slow` says `at work`, then works for ten minutes; `failing` says `looking for it`, then fails.
   */
  readonly request: (behaviour: 'quick' | 'slow' | 'failing', token: string) => Request;
  /** Runs of a token that are under way at the service. */
  readonly underWay: (token: string) => Promise<number>;
  /** Whether a run outlives who watches it. */
  readonly isElsewhere: boolean;
}

/** What holds of every runner of jobs. */
export function runsJobs<Request extends JobRequest>(harness: () => RunnerHarness<Request>): void {
  const never = () => new AbortController().signal;
  const begun = async (token: string) =>
    expect.poll(() => harness().underWay(token), { timeout: 60_000 }).toBe(1);

  it('runs a job to its end, and says which run it is', async () => {
    const { runner, request } = harness();
    const seen: string[] = [];
    const outcome = await runner.run(request('quick', 'ends-well'), never(), ({ jobRunId }) =>
      seen.push(jobRunId),
    );
    expect(outcome).toMatchObject({ succeeded: true, message: null });
    expect(new Set(seen)).toEqual(new Set([outcome.jobRunId]));
  });

  it('tells a job that failed, with what it wrote', async () => {
    const { runner, request } = harness();
    const lines: string[] = [];
    const outcome = await runner.run(request('failing', 'fails'), never(), undefined, (line) =>
      lines.push(line),
    );
    expect(outcome.succeeded).toBe(false);
    expect(outcome.message).not.toBeNull();
    expect(`${outcome.message ?? ''}\n${lines.join('\n')}`).toContain('looking for it');
  });

  it('stops it on abort, and has stopped it when it says so', async () => {
    const { runner, request, underWay } = harness();
    const abort = new AbortController();
    const running = runner.run(request('slow', 'stopped'), abort.signal);
    await begun('stopped');
    abort.abort(new Error('nobody wants it'));
    await expect(running).rejects.toThrow('nobody wants it');
    expect(await underWay('stopped')).toBe(0);
  });

  it('does not begin what nobody wants', async () => {
    const { runner, request, underWay } = harness();
    await expect(
      runner.run(request('quick', 'unwanted'), AbortSignal.abort(new Error('too late'))),
    ).rejects.toThrow('too late');
    expect(await underWay('unwanted')).toBe(0);
  });

  it('leaves it to the next attempt where it is handed over, which joins it: there is one of a token', async () => {
    const { runner, request, underWay, isElsewhere } = harness();
    if (!isElsewhere) return;
    const [first, second] = [new AbortController(), new AbortController()];
    const ids: string[] = [];
    const watch = (signal: AbortSignal): Promise<JobOutcome> =>
      runner.run(request('slow', 'handed-over'), signal, ({ jobRunId }) => ids.push(jobRunId));
    const left = watch(first.signal);
    await begun('handed-over');
    first.abort(new HandedOver('the worker stops'));
    await expect(left).rejects.toBeInstanceOf(HandedOver);
    expect(await underWay('handed-over')).toBe(1);
    const seen = ids.length;
    const joined = watch(second.signal);
    await expect.poll(() => ids.length, { timeout: 60_000 }).toBeGreaterThan(seen);
    expect(await underWay('handed-over')).toBe(1);
    expect(new Set(ids).size).toBe(1);
    second.abort(new Error('enough'));
    await expect(joined).rejects.toThrow('enough');
    expect(await underWay('handed-over')).toBe(0);
  });
}
