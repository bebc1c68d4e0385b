import { describe, expect, it } from 'vitest';
import type { PlannedStep } from './plan.ts';
import { decide, type Ending } from './trigger.ts';
import type { When } from './tasks.ts';

const succeeded = (result: unknown = null): Ending => ({ state: 'succeeded', result });
const failed: Ending = { state: 'failed', error: new Error('no') };
const chosenOut: Ending = { state: 'skipped', reason: `'choose' said no`, failed: [] };
const outByFailure: Ending = { state: 'skipped', reason: 'upstream failed: a', failed: ['a'] };

const step = (when: When, onlyIf?: string): PlannedStep => ({
  key: 'step',
  kind: 'task',
  subject: 'step',
  after: ['one', 'two'],
  when,
  onlyIf,
});
const decided = (when: When, one: Ending, two: Ending = succeeded()) => {
  const decision = decide(
    step(when),
    new Map([
      ['one', one],
      ['two', two],
    ]),
  );
  return decision === 'go' ? 'go' : decision.reason;
};

describe('whether a step goes ahead', () => {
  it.each([
    ['succeeded', succeeded(), 'go'],
    ['succeeded', failed, 'upstream failed: one'],
    ['succeeded', outByFailure, 'upstream failed: a'],
    ['succeeded', chosenOut, 'upstream was skipped: one'],
    ['failed', succeeded(), 'nothing before it failed'],
    ['failed', failed, 'go'],
    ['failed', outByFailure, 'go'],
    ['failed', chosenOut, 'nothing before it failed'],
    ['always', failed, 'go'],
    ['always', chosenOut, 'go'],
  ] as const)('when %s, after %j: %s', (when, ending, expected) => {
    expect(decided(when, ending)).toBe(expected);
  });

  it('names every step whose failure it is once, however far up', () => {
    expect(decided('succeeded', outByFailure, { ...outByFailure, failed: ['a', 'b'] })).toBe(
      'upstream failed: a, b',
    );
  });

  it.each([
    [true, 'go'],
    ['step', 'go'],
    [['other', 'step'], 'go'],
    [false, `'one' said no`],
    [null, `'one' said no`],
    ['other', `'one' chose other`],
    [[], `'one' chose nothing`],
  ])('only if the step before says so: %j → %s', (result, expected) => {
    const endings = new Map([
      ['one', succeeded(result)],
      ['two', succeeded()],
    ]);
    const decision = decide(step('succeeded', 'one'), endings);
    expect(decision === 'go' ? 'go' : decision.reason).toBe(expected);
  });

  it('refuses a name that none of the steps has which ask the same decider', () => {
    const endings = new Map([['one', succeeded('stpe')]]);
    expect(() => decide(step('succeeded', 'one'), endings, ['step', 'other'])).toThrow(
      `'one' chose 'stpe', which is no step that runs only if 'one' says so; there are step, other.`,
    );
  });

  it('tells those that run where something failed that their decider has failed', () => {
    const endings = new Map<string, Ending>([['one', { state: 'failed', error: new Error('no') }]]);
    expect(decide(step('always', 'one'), endings)).toMatchObject({ state: 'skipped', failed: ['one'] });
  });

  it('refuses to guess from a result that says neither yes nor no', () => {
    const endings = new Map([['one', succeeded({ rows: 3 })]]);
    expect(() => decide(step('always', 'one'), endings)).toThrow('let it give true, false');
  });
});
