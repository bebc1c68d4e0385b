import { describe, expect, it } from 'vitest';
import { orCleanUp, thenCleanUp } from './clean-up.ts';
import { TerminalError } from './errors.ts';

const full = new TerminalError('the disk is full');
const fails = () => Promise.reject(full);
const busy = () => Promise.reject(new Error('EBUSY'));

describe.each([
  ['thenCleanUp', thenCleanUp],
  ['orCleanUp', orCleanUp],
])('%s', (_, doing) => {
  it('tells of the work, and of the clean-up beside it', async () => {
    const failure: unknown = await doing(fails, busy).catch((error: unknown) => error);
    expect(failure).toBe(full);
    expect(String(failure)).toMatch(/the disk is full.*Cleaning up failed too: EBUSY/);
  });
});

it('cleans up after work that is done, and tells where that fails', async () => {
  const cleaned: string[] = [];
  const clean = () => void cleaned.push('cleaned');
  expect(await thenCleanUp(() => Promise.resolve(1), clean)).toBe(1);
  expect(await orCleanUp(() => Promise.resolve(1), clean)).toBe(1);
  expect(cleaned).toEqual(['cleaned']);
  await expect(thenCleanUp(() => Promise.resolve(1), busy)).rejects.toThrow('EBUSY');
});
