import { readFileSync, rmSync } from 'node:fs';
import { expect, it, vi } from 'vitest';
import { knownAuthorities } from './known-authorities.ts';

const count = (file: string) => readFileSync(file, 'utf8').match(/BEGIN CERTIFICATE/g)?.length ?? 0;

it('are in a file that is there whenever it is asked for, whatever Node was told to add', () => {
  vi.stubEnv('NODE_EXTRA_CA_CERTS', '/nowhere/ca.pem');
  const file = knownAuthorities();
  expect(count(file)).toBeGreaterThan(100);
  expect(knownAuthorities()).toBe(file);
  rmSync(file);
  const again = knownAuthorities();
  expect(count(again)).toBeGreaterThan(100);
  rmSync(again);
  vi.stubEnv('NODE_EXTRA_CA_CERTS', undefined);
});
