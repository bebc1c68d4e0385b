import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readProfile } from '../profiles/read.ts';
import { BUNDLE } from '../worker/workflow-code.ts';

const ROOT = join(import.meta.dirname, '..');

describe('the image', () => {
  const allowed = [...read('.dockerignore').matchAll(/^!([\w-]+)$/gm)].map(([, name]) => name ?? '');

  it('takes in every folder that its code imports, and no tests', () => {
    const files = allowed
      .flatMap((folder) => within(folder))
      .filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts'));
    expect(files.length).toBeGreaterThan(100);
    const imported = files
      .filter(isProduct)
      .flatMap((path) =>
        [...read(path).matchAll(/from '(\.[^']+)'/g)].map(([, target = '']) =>
          relative(ROOT, resolve(ROOT, dirname(path), target)),
        ),
      );
    for (const path of imported) expect(allowed).toContain(path.split('/')[0]);
    expect(read('.dockerignore')).toMatch(/^\*\*\/\*\.test\.ts$/m);
  });

  it('brings the workflows bundled, where the profile looks for them', async () => {
    const anything = ['env', 'file'].map((scheme) => ({ scheme, read: () => Promise.resolve('1') }));
    const { worker } = await readProfile('compose', anything);
    expect(worker.workflowBundle).toBe(join('/app', relative(ROOT, BUNDLE)));
    expect(read('Dockerfile')).toMatch(/npm run --silent bundle[^]*COPY --from=bundle \/app\/dist dist/);
  });

  it('brings the sources compiled, and what tells that they are', () => {
    expect(read('.dockerignore')).toMatch(/^!build\.mjs$/m);
    expect(read('package.json')).toContain('"bundle": "node build.mjs && ');
    expect(read('Dockerfile')).toMatch(/CMD \["node", "bin\/worker"\]\n$/);
  });

  it('begins with nothing but what is named', () => {
    const rules = read('.dockerignore')
      .split('\n')
      .filter((line) => line && !line.startsWith('#'));
    expect(rules[0]).toBe('*');
    expect(allowed).toEqual(expect.arrayContaining(['bin', 'cli', 'dbt', 'worker', 'workflows']));
  });
});

function read(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

function within(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((path) =>
    join(folder, path),
  );
}

/** Helpers of tests lie beside the code; the image takes them in, nothing in it imports them. */
function isProduct(path: string): boolean {
  return !/(fixture|conformance|harness|oracle)[\w.-]*\.ts$/.test(path);
}
