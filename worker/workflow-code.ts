import { join } from 'node:path';
import type { WorkerOptions } from '@temporalio/worker';

const ROOT = join(import.meta.dirname, '..');

export const WORKFLOWS = join(ROOT, 'workflows', 'index.ts');
/** Where `npm run bundle` puts it. */
export const BUNDLE = join(ROOT, 'dist', 'workflows.js');

/** The workflows of a worker: from the file that the profile names, else bundled when it starts. */
export function workflowCode(bundle: string): Pick<WorkerOptions, 'workflowBundle' | 'workflowsPath'> {
  return bundle ? { workflowBundle: { codePath: bundle } } : { workflowsPath: WORKFLOWS };
}
