import { mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { removeUnused } from './workflow-code.ts';

it('removes bundles that nobody has started with for a week, and nothing else', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-bundles-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const day = (days: number) => new Date(Date.now() - days * 86_400_000);
  const digest = (letter: string) => letter.repeat(24);
  const files = {
    [`workflows-${digest('a')}.js`]: 8,
    [`workflows-${digest('b')}.js`]: 6,
    [`workflows-${digest('c')}.js.left-by-a-kill`]: 8,
    'workflows.js': 400,
    [digest('d')]: 400,
  };
  for (const [name, age] of Object.entries(files)) {
    writeFileSync(join(folder, name), '');
    utimesSync(join(folder, name), day(age), day(age));
  }
  await removeUnused(folder);
  expect(readdirSync(folder).sort()).toEqual([digest('d'), `workflows-${digest('b')}.js`, 'workflows.js']);
});
