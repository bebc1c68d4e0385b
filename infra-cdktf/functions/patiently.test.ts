import { expect, it } from 'vitest';
import { patiently } from './patiently.ts';

const refusal = Object.assign(new Error('not yet'), { name: 'AccessDeniedException' });
const now = (): Promise<void> => Promise.resolve();

/** Fails with the error as often as told, then answers. */
function flaky(error: Error, failures: number): () => Promise<number> {
  let calls = 0;
  return () => (++calls > failures ? Promise.resolve(calls) : Promise.reject(error));
}

it('waits until a new permission holds', async () => {
  expect(await patiently(flaky(refusal, 3), now)).toBe(4);
});

it('gives up when it never does', async () => {
  await expect(patiently(flaky(refusal, 100), now)).rejects.toThrow('not yet');
});

it('lets every other error through at once', async () => {
  await expect(patiently(flaky(new Error('broken'), 1), now)).rejects.toThrow('broken');
});
