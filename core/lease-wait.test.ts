import { expect, it } from 'vitest';
import { pauseBeforeLook } from './lease-wait.ts';

it('a run waits a day for its interval, and no longer, in a history that stays short', () => {
  let waited = 0;
  let looks = 0;
  for (let pause = pauseBeforeLook(1); pause !== undefined; pause = pauseBeforeLook(looks + 1)) {
    waited += pause;
    looks += 1;
  }
  expect(waited).toBe(24 * 3_600_000);
  expect(looks * 5).toBeLessThan(10_000);
});
