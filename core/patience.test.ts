import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { milliseconds } from './duration.ts';
import { HandedOver, TerminalError, TransientError, Unreachable } from './errors.ts';
import { isLast, isOverdue, type Attempt, type Patience } from './patience.ts';

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
        for (const error of [new Unreachable('away'), new HandedOver('elsewhere')])
          expect(isLast(error, p, m)).toBe(spent);
      }),
    );
  });

  it('never begins an attempt after the last one, nor misses one that it owes', () => {
    fc.assert(
      fc.property(patience, made, (p, m) => {
        const next = { ...m, attempt: m.attempt + 1 };
        expect(isOverdue(p, next)).toBe(isLast(new Unreachable('away'), p, m));
      }),
    );
  });
});
