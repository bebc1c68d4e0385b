import { describe, expect, it } from 'vitest';
import { runPipelineInput } from './run-input.ts';

describe('what a run is asked for', () => {
  it.each([
    { pipeline: 'sh\0p' },
    { pipeline: 'shop', interval: '2018-08-01\0' },
    { pipeline: 'shop', params: { region: 'e\0u' } },
  ])('holds no NUL character, which the ledger cannot keep: %j', (input) => {
    const { success, error } = runPipelineInput.safeParse(input);
    expect(success).toBe(false);
    expect(JSON.stringify(error?.issues)).toContain('must not hold a NUL character');
  });
});
