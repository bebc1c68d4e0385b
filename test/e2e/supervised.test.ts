import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Output } from '../../cli/output.ts';
import { readState } from '../../cli/embedded/state.ts';
import { followRun } from '../../cli/follow-run.ts';
import { startRun } from '../../operations/start-run.ts';
import { withSession } from '../../cli/session.ts';
import { registry } from '../../pipelines/index.ts';
import { seedOlist } from '../../seed/index.ts';
import { startTestStack, type TestStack } from './stack.ts';

let stack: TestStack;
beforeAll(async () => {
  stack = await startTestStack();
  await seedOlist(stack.source, { orders: 50 });
});
afterAll(() => stack.stop());

const state = () => {
  const found = readState(stack.home);
  if (!found) throw new Error('No stack has written its state.');
  return found;
};

describe('a stack that runs', { timeout: 180_000 }, () => {
  it.each(['temporal', 'postgres', 'worker'] as const)('starts %s again when it is killed', async (part) => {
    const { children, ...before } = state();
    process.kill(children[part]?.pid ?? NaN, 'SIGKILL');
    await expect
      .poll(() => state().children[part]?.pid, { timeout: 60_000, interval: 200 })
      .not.toBe(children[part]?.pid);
    const { children: after, ...same } = state();
    expect(same).toEqual(before);
    expect(after).toEqual({ ...children, [part]: after[part] });
    // With connections of its own: those of before may be broken.
    const summary = await withSession(
      { profile: 'embedded', json: true },
      new Output(true),
      async (session) =>
        followRun(
          session,
          await startRun(session, registry, { pipeline: 'olist', interval: DAYS[part] }),
          new Output(true),
        ),
    );
    expect(summary).toMatchObject({ tables: 11 });
  });

  it('leaves nothing when it stops', async () => {
    await stack.stack.stop();
    expect(readState(stack.home)).toBeUndefined();
    expect(existsSync(`${stack.home}/postgres/postmaster.pid`)).toBe(false);
  });
});

const DAYS = { temporal: '2018-03-01', postgres: '2018-03-02', worker: '2018-03-03' };
