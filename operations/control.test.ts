import { describe, expect, it } from 'vitest';
import { resolveAll } from '../core/registry.ts';
import { mustBePausable } from './control.ts';

const registry = resolveAll([
  {
    name: 'by_hand',
    description: 'Run by hand',
    schedule: 'manual',
    start: '2024-01-01',
    tasks: { one: { run: 'one' } },
  },
]);

describe('what can be paused', () => {
  it('is no pipeline that is run by hand, and says that instead of asking Temporal', () => {
    expect(() => mustBePausable(registry, 'by_hand')).toThrow(
      /'by_hand' is run by hand: there is no schedule.*'sluice deploy'/,
    );
  });

  it('is no pipeline that is not there, and names the nearest', () => {
    expect(() => mustBePausable(registry, 'by_hnad')).toThrow(/by_hand/);
  });

  it('is any backfill, of which Temporal knows', () => {
    expect(() => mustBePausable(registry, 'backfill-by_hand-2024')).not.toThrow();
  });
});
