import { expect, it } from 'vitest';
import { registry } from './index.ts';

it('is made of the files of the folder, all of which hold', () => {
  expect([...registry.keys()]).toContain('olist');
  expect([...registry.broken]).toEqual([]);
});
