import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { environments } from '../config/index.ts';
import { nameOfResource } from '../policy/resource.ts';
import { synthesizedSubject } from '../policy/subjects.ts';

/** A resource that changes its address is destroyed and made anew. `npm run addresses` accepts new ones: look at what it removes. */
describe.each(environments.map((env) => ({ name: env.name, env })))(
  'resource addresses of $name',
  ({ name, env }) => {
    const file = `addresses/${name}.txt`;

    it('are written down', () => {
      expect(existsSync(join(import.meta.dirname, file))).toBe(true);
    });

    it('are those written down', async () => {
      const addresses = synthesizedSubject(env)
        .resources.filter(({ type }) => type !== 'provider')
        .map(nameOfResource)
        .sort();
      await expect(`${addresses.join('\n')}\n`).toMatchFileSnapshot(file);
    });
  },
);
