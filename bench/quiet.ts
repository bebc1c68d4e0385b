import { DefaultLogger, Runtime } from '@temporalio/worker';

let isQuiet = false;

/** Temporal's own runtime says errors alone; it can be told once in a process. */
export function quieten(): void {
  if (!isQuiet) Runtime.install({ logger: new DefaultLogger('ERROR') });
  isQuiet = true;
}
