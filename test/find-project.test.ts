import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ROOT } from '../cli/embedded/home.ts';

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'sluice-find-')));
const project = join(folder, 'releases', '42');
beforeAll(() => {
  mkdirSync(join(project, 'pipelines', 'shared'), { recursive: true });
  writeFileSync(
    join(project, 'package.json'),
    JSON.stringify({ name: 'mine', dependencies: { sluice: '1' } }),
  );
  symlinkSync(project, join(folder, 'current'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** In a process of its own, as `bin/sluice` looks: it is plain Node. */
const found = (environment: Record<string, string>, from: string): string =>
  execFileSync(
    process.execPath,
    [
      '--input-type=module',
      '-e',
      `import { findProject } from ${JSON.stringify(join(ROOT, 'project.mjs'))};
       try { process.stdout.write(findProject(${JSON.stringify(environment)}, ${JSON.stringify(from)})); }
       catch (error) { process.stdout.write(error.message); }`,
    ],
    { encoding: 'utf8' },
  );

it('finds a project from a folder in it, by where it really is', () => {
  expect(found({}, join(project, 'pipelines', 'shared'))).toBe(project);
  expect(found({}, join(folder, 'current', 'pipelines'))).toBe(project);
  expect(found({ SLUICE_PROJECT: join(folder, 'current') }, ROOT)).toBe(project);
});

it('refuses one that is named and is none, and takes the checkout where there is none', () => {
  expect(found({ SLUICE_PROJECT: folder }, ROOT)).toContain('has no folder pipelines/. Correct it');
  expect(found({}, folder)).toBe(ROOT);
});
