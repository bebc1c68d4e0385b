import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '..');
/** An image of the engine that the machine's engine of containers has: `docker compose build` makes `sluice:local`. */
const ENGINE_IMAGE = process.env['SLUICE_TEST_IMAGE'] ?? 'sluice:local';
const IMAGE = 'sluice-test-project:local';

const docker = (...words: string[]) => {
  const { status, stdout, stderr } = spawnSync('docker', words, { encoding: 'utf8' });
  return { status, text: `${stdout}${stderr}` };
};

let folder: string;
beforeAll(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'project-image-')), 'shop');
  const made = spawnSync(process.execPath, [join(ROOT, 'bin', 'sluice'), 'init', folder], {
    encoding: 'utf8',
  });
  expect(made.stderr).toBe('');
}, 120_000);
afterAll(() => rmSync(join(folder, '..'), { recursive: true, force: true }));

describe("a project's image", () => {
  it('is described by what init writes: upon the engine, with the project and nothing else', () => {
    const text = readFileSync(join(folder, 'Dockerfile'), 'utf8');
    expect(text).toMatch(/^FROM \$\{ENGINE\}$/m);
    expect(text).toContain('-t shop .');
    const ignored = readFileSync(join(folder, '.dockerignore'), 'utf8').split('\n');
    expect(ignored.filter((line) => line && !line.startsWith('#'))[0]).toBe('*');
    for (const part of ['package.json', 'pipelines', 'tasks', 'dbt', 'profiles', 'spark', 'dashboards'])
      expect(ignored).toContain(`!${part}`);
  });

  const missing = docker('image', 'inspect', ENGINE_IMAGE).status !== 0;
  const named = missing
    ? ` NOT TESTED: no engine of containers has ${ENGINE_IMAGE} (docker compose build)`
    : '';
  it.skipIf(missing)(
    `builds, holds what is needed, and runs without writing to itself${named}`,
    { timeout: 300_000 },
    () => {
      const built = docker('build', '-q', '--build-arg', `ENGINE=${ENGINE_IMAGE}`, '-t', IMAGE, folder);
      expect(built).toMatchObject({ status: 0 });
      const run = (...words: string[]) =>
        docker('run', '--rm', '--read-only', '--tmpfs', '/tmp', IMAGE, ...words);
      expect(run('sluice', 'validate').text).toContain('shop: 1 table, 1 task, valid');
      expect(run('id', '-un').text.trim()).toBe('node');
      // A worker that is told nothing names what it misses, and ends.
      expect(run('node', '/app/bin/worker').text).toContain('set the environment variable TEMPORAL_ADDRESS');
      docker('image', 'rm', IMAGE);
    },
  );
});
