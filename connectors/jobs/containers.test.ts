import { describe, expect, it } from 'vitest';
import { endedWell, endingOf, isFinal, nameOf } from './containers.ts';

const ended = (exitCode: number, outOfMemory = false, ranMs = 10) => ({ exitCode, outOfMemory, ranMs });
const TIMEOUT = 1_000;
const ONCE = { timeoutMs: TIMEOUT, retriesFailures: false };

describe('the end of a container', () => {
  it.each([
    [ended(0), 'exited'],
    [ended(137), 'killed'],
    [ended(143), 'killed'],
    [ended(139), 'killed'],
    [ended(200), 'exited'],
    [ended(137, true), 'out of memory'],
    // A child of it was killed, and it went on without.
    [ended(0, true), 'exited'],
    [ended(255), 'exited'],
    [{ ...ended(255), lost: true }, 'killed'],
    [ended(137, false, TIMEOUT), 'timed out'],
    [ended(0, false, TIMEOUT), 'timed out'],
    [ended(137, true, TIMEOUT), 'out of memory'],
  ])('is told by what its service says: %j', (state, ending) => {
    expect(endingOf(state, TIMEOUT)).toBe(ending);
  });

  it('is good by exit code 0 alone, and not where it was stopped for its time', () => {
    expect(endedWell(ended(0), TIMEOUT)).toBe(true);
    expect(endedWell(ended(0, true), TIMEOUT)).toBe(true);
    expect(endedWell(ended(0, false, TIMEOUT), TIMEOUT)).toBe(false);
    expect(endedWell(ended(3), TIMEOUT)).toBe(false);
  });

  it('stands, but where it asked to be tried again or was killed by somebody', () => {
    const again = [ended(75), ended(137), ended(143), ended(139)];
    const stands = [ended(0), ended(3), ended(99), ended(137, true), ended(137, false, TIMEOUT)];
    expect(again.filter((each) => isFinal(each, ONCE))).toEqual([]);
    expect(stands.filter((each) => !isFinal(each, ONCE))).toEqual([]);
  });

  it('stands of a task that is tried again whatever it failed of where it did not fail', () => {
    const all = [ended(0), ended(3), ended(75), ended(99), ended(137), ended(137, true)];
    const late = [ended(0, false, TIMEOUT), ended(99, false, TIMEOUT)];
    const stands = [...all, ...late].filter((each) => isFinal(each, { ...ONCE, retriesFailures: true }));
    expect(stands).toEqual([ended(0), ended(99)]);
  });

  it('belongs to a name that no other token has', () => {
    const name = 'shop-score';
    expect(nameOf({ name, token: 'a' })).toBe(nameOf({ name, token: 'a' }));
    expect(nameOf({ name, token: 'a' })).not.toBe(nameOf({ name, token: 'b' }));
  });
});
