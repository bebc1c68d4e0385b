import { createHash, randomUUID } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, readdir, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { bundleWorkflowCode, type WorkerOptions } from '@temporalio/worker';
import { INSTALLED } from '../profiles/project.ts';

const ROOT = join(import.meta.dirname, '..');
/** What goes into the bundle: the code, and the versions of the packages. */
const SOURCES = ['workflows', 'core', 'package.json'];

const KEPT_MS = 7 * 86_400_000;

export const WORKFLOWS = join(ROOT, 'workflows', 'index.ts');
/** Where `npm run bundle` puts it, for images and packages. */
export const BUNDLE = join(ROOT, 'dist', 'workflows.js');

/**
 * The workflows of a worker: from the file that the profile names; from the one that an installed engine brings, since Temporal's bundler
 * compiles nothing below node_modules; else bundled once for each state of the sources.
 */
export async function workflowCode(bundle: string): Promise<Pick<WorkerOptions, 'workflowBundle'>> {
  if (bundle) return { workflowBundle: { codePath: bundle } };
  if (INSTALLED) return { workflowBundle: { codePath: BUNDLE } };
  const codePath = join(ROOT, 'dist', `workflows-${digest()}.js`);
  if (existsSync(codePath)) {
    await utimes(codePath, new Date(), new Date()).catch(() => undefined); // an image's is not ours to touch
    return { workflowBundle: { codePath } };
  }
  const { code } = await bundleWorkflowCode({ workflowsPath: WORKFLOWS });
  // Kept for the next start; where nothing can be written, this one goes on without.
  await writeBundle(codePath, code)
    .then(() => removeUnused(dirname(codePath)))
    .catch(() => undefined);
  return { workflowBundle: { code } };
}

/** Bundles that no worker has started with for a week; one that runs has read its own. */
export async function removeUnused(folder: string, now = Date.now()): Promise<void> {
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    if (/^workflows-[0-9a-f]{24}\.js/.test(name) && (await stat(path)).mtimeMs < now - KEPT_MS)
      await rm(path, { force: true });
  }
}

/** All of it or nothing: two workers may start at once. */
export async function writeBundle(path: string, code: string): Promise<void> {
  const made = `${path}.${randomUUID()}`;
  await mkdir(dirname(path), { recursive: true });
  await writeFile(made, code);
  await rename(made, path);
}

function digest(): string {
  const hash = createHash('sha256').update(ROOT);
  for (const path of SOURCES.flatMap(filesIn).sort())
    hash.update(`\0${path}\0`).update(readFileSync(join(ROOT, path)));
  return hash.digest('hex').slice(0, 24);
}

function filesIn(source: string): string[] {
  if (source.includes('.')) return [source];
  return readdirSync(join(ROOT, source), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts'))
    .map((path) => join(source, path));
}
