import { copyFileSync, mkdirSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bundle } from '../constructs/bundle.ts';

const functions = readdirSync(join(import.meta.dirname, '../functions'), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);
const load = createRequire(import.meta.url);

/** Loads a bundle as Lambda does: as CommonJS. */
function handlerOf(name: string): (event: unknown) => Promise<unknown> {
  const file = join(import.meta.dirname, '../node_modules/.cache/loaded', `${name}.cjs`);
  mkdirSync(dirname(file), { recursive: true });
  copyFileSync(join(bundle(name), 'index.js'), file);
  return (load(file) as { handler: (event: unknown) => Promise<unknown> }).handler;
}

describe('the functions as they are deployed', () => {
  it.each(functions)('%s loads and has a handler', (name) => {
    expect(handlerOf(name)).toBeTypeOf('function');
  });

  it('start-pipeline refuses a file that belongs to no pipeline', async () => {
    const event = { detail: { bucket: { name: 'bronze' }, object: { key: 'elsewhere/x.csv' } } };
    await expect(handlerOf('start-pipeline')(event)).rejects.toThrow(/is not landing/);
  });

  it('provision refuses names that are no identifiers', async () => {
    const request = { engine: 'postgres', users: [{ name: 'a b', databases: [] }] };
    await expect(handlerOf('provision')(request)).rejects.toThrow(/not a plain lower-case identifier: a b/);
  });
});
