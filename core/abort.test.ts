import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { orAborted, withTimeLimit } from './abort.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;
const never = new AbortController().signal;

describe('a time limit', () => {
  it('ends the work, whatever garbage was collected meanwhile, and tells that it was the time', async () => {
    let late = false;
    const work = withTimeLimit(500, never, async (stop, limit) => {
      await orAborted(new Promise(() => undefined), stop).finally(() => (late = limit.aborted));
    });
    const ended = expect(work).rejects.toMatchObject({ name: 'TimeoutError' });
    for (let i = 0; i < 5; i += 1) {
      await delay(20);
      collectGarbage();
    }
    await ended;
    expect(late).toBe(true);
  });

  it('holds nothing once the work has ended, well or not', async () => {
    // What a timer holds until it is cleared: whatever is the context of who set it, as of an activity.
    const context = new AsyncLocalStorage<object>();
    const after = async (work: () => Promise<void>) => {
      const own = {};
      await context.run(own, () => withTimeLimit(3_600_000, never, work)).catch(() => undefined);
      return new WeakRef(own);
    };
    const held = [await after(() => Promise.resolve()), await after(() => Promise.reject(new Error('own')))];
    await delay(20);
    collectGarbage();
    expect(held.map((each) => each.deref())).toEqual([undefined, undefined]);
  });

  it('ends for another reason where there is one before', async () => {
    const abort = new AbortController();
    const reason = new Error('not wanted any more');
    const work = withTimeLimit(60_000, abort.signal, (stop, limit) =>
      orAborted(new Promise(() => undefined), stop).finally(() => expect(limit.aborted).toBe(false)),
    );
    abort.abort(reason);
    await expect(work).rejects.toBe(reason);
  });
});
