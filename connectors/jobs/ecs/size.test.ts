import { describe, expect, it } from 'vitest';
import { taskSize } from './size.ts';

const GIB = 1024 ** 3;

describe('the size of a task', () => {
  it.each([
    [{}, { cpu: '1024', memory: '2048' }],
    [
      { cpu: 0.25, memory: GIB / 4 },
      { cpu: '256', memory: '512' },
    ],
    [
      { cpu: 0.25, memory: GIB / 2 },
      { cpu: '256', memory: '1024' },
    ],
    [
      { cpu: 1, memory: 4 * GIB },
      { cpu: '1024', memory: '5120' },
    ],
    // More memory than so many cores may have: more cores.
    [
      { cpu: 1, memory: 16 * GIB },
      { cpu: '4096', memory: '17408' },
    ],
    [
      { cpu: 8, memory: 17 * GIB },
      { cpu: '8192', memory: '20480' },
    ],
  ])('is the smallest that Fargate has: %j', (asked, size) => {
    expect(taskSize("shop's task 'train'", asked)).toEqual(size);
  });

  it('is refused where there is none', () => {
    expect(() => taskSize("shop's task 'train'", { cpu: 64 })).toThrow(/64 cores.*16 cores/);
  });
});
