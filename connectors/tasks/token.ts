import { createHash } from 'node:crypto';
import type { TaskInput } from './port.ts';

/**
 * Names a task's work where that goes on without its worker: attempts that ask for the same join it. Datasets from other inputs, or
 * with another place for their files, are other work.
 */
export function tokenOf({ run, element, datasets }: TaskInput, name: string): string {
  const step = element ? `${name}[${element.index}]` : name;
  const token = `${run.runId}/${step}`;
  if (!datasets) return token;
  return `${token}/${createHash('sha256').update(JSON.stringify(datasets)).digest('hex').slice(0, 16)}`;
}
