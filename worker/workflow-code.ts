import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { WorkerOptions } from '@temporalio/worker';

const ROOT = join(import.meta.dirname, '..');

export const WORKFLOWS = join(ROOT, 'workflows', 'index.ts');
/** Built into the container image by `npm run bundle`. */
export const BUNDLE = join(ROOT, 'dist', 'workflows.js');

/** The workflows of a worker: as bundled ahead of time, else bundled when it starts. */
export function workflowCode(): Pick<WorkerOptions, 'workflowBundle' | 'workflowsPath'> {
  return existsSync(BUNDLE) ? { workflowBundle: { codePath: BUNDLE } } : { workflowsPath: WORKFLOWS };
}
