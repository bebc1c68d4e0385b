import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { milliseconds } from './duration.ts';
import { HandedOver, TerminalError, TransientError, Unreachable } from './errors.ts';
import {
  isLast,
  isLastOfCounted,
  isOverdue,
  isUsedUp,
  LONGEST_PAUSE_MS,
  notLast,
  type Attempt,
  type Patience,
} from './patience.ts';

const patience = fc.record<Patience>({
  attempts: fc.integer({ min: 1, max: 100 }),
  retryFor: fc.integer({ min: 0, max: 600 }).map((seconds) => `${seconds} seconds` as const),
});
const made = fc.record<Attempt>({
  attempt: fc.integer({ min: 1, max: 200 }),
  elapsedMs: fc.integer({ min: 0, max: 1_200_000 }),
});

describe('patience', () => {
  it('has none with what cannot pass', () => {
    fc.assert(fc.property(patience, made, (p, m) => isLast(new TerminalError('no'), p, m)));
  });

  it('counts the attempts of what may pass, whatever the time', () => {
    fc.assert(
      fc.property(patience, made, (p, m) => {
        for (const error of [new TransientError('odd'), new Error('a defect'), 'text'])
          expect(isLast(error, p, m)).toBe(m.attempt >= p.attempts);
      }),
    );
  });

  it('lasts with somebody who is away until both the time and the attempts are used up', () => {
    fc.assert(
      fc.property(patience, made, (p, m) => {
        const spent = m.elapsedMs >= milliseconds(p.retryFor) && m.attempt >= p.attempts;
        expect(isLast(new Unreachable('away'), p, m)).toBe(spent);
        for (const last of [isLast, isLastOfCounted])
          expect(last(new HandedOver('goes on elsewhere'), p, m)).toBe(false);
      }),
    );
  });

  it('goes by the count alone where work is not to be done more often: no attempt is owed that none may begin', () => {
    fc.assert(
      fc.property(patience, made, (p, m) => {
        const next = { attempt: m.attempt + 1, elapsedMs: m.elapsedMs };
        for (const error of [new Unreachable('away'), new Error('a defect')])
          expect(isLastOfCounted(error, p, m)).toBe(isUsedUp(p, next));
        expect(isLastOfCounted(new TerminalError('no'), p, m)).toBe(true);
      }),
    );
  });

  it('makes the attempt that it owes after the pause, so that what the last one says is heard', () => {
    const pause = fc.integer({ min: 0, max: LONGEST_PAUSE_MS });
    fc.assert(
      fc.property(patience, made, pause, (p, m, paused) => {
        fc.pre(!isLast(new Unreachable('away'), p, m));
        const next = { attempt: m.attempt + 1, elapsedMs: m.elapsedMs + paused };
        expect(isOverdue(p, next)).toBe(false);
      }),
    );
  });

  it('begins no attempt when those that died without a word have used everything up', () => {
    fc.assert(
      fc.property(patience, made, (p, m) => {
        const late = milliseconds(p.retryFor) + 2 * LONGEST_PAUSE_MS + 1;
        expect(isOverdue(p, { ...m, elapsedMs: late + m.elapsedMs })).toBe(m.attempt > p.attempts);
      }),
    );
  });

  it('with several failures is that with the one that has most left, in whatever order they come', () => {
    const errors = [new TransientError('odd'), new Unreachable('away'), new TerminalError('no')];
    fc.assert(
      fc.property(fc.subarray(errors), patience, made, (some, p, m) => {
        const found = notLast(some, p, m);
        expect(found === undefined).toBe(some.every((error) => isLast(error, p, m)));
        if (found) expect(isLast(found, p, m)).toBe(false);
      }),
    );
  });
});
