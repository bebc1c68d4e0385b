import { expect, it } from 'vitest';
import { newLines } from './logs.ts';

it('a followed log tells each line once, alike ones too, and goes on where its first lines are gone', () => {
  expect(newLines([], ['a'])).toEqual(['a']);
  expect(newLines(['a', 'b'], ['a', 'b'])).toEqual([]);
  expect(newLines(['tick'], ['tick', 'tick', 'tick'])).toEqual(['tick', 'tick']);
  expect(newLines(['a', 'b', 'c'], ['b', 'c', 'd'])).toEqual(['d']);
  expect(newLines(['a', 'b'], ['x', 'y'])).toEqual(['x', 'y']);
});
