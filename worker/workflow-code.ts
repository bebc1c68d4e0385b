import { createHash, randomUUID } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { bundleWorkflowCode, type WorkerOptions } from '@temporalio/worker';

const ROOT = join(import.meta.dirname, '..');
/** What goes into the bundle: the code, and the versions of the packages. */
const SOURCES = ['workflows', 'core', 'package-lock.json'];

export const WORKFLOWS = join(ROOT, 'workflows', 'index.ts');
/** Where `npm run bundle` puts it. */
export const BUNDLE = join(ROOT, 'dist', 'workflows.js');

/** The workflows of a worker: from the file that the profile names, else bundled once for each state of the sources. */
export async function workflowCode(bundle: string): Promise<Pick<WorkerOptions, 'workflowBundle'>> {
  if (bundle) return { workflowBundle: { codePath: bundle } };
  const codePath = join(ROOT, 'dist', `workflows-${digest()}.js`);
  if (existsSync(codePath)) return { workflowBundle: { codePath } };
  const { code } = await bundleWorkflowCode({ workflowsPath: WORKFLOWS });
  // Kept for the next start; where nothing can be written, this one goes on without.
  await writeBundle(codePath, code).catch(() => undefined);
  return { workflowBundle: { code } };
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
