import type { App } from 'cdktf';
import type { Environment } from '../config/environment.ts';
import { NetworkStack } from './network/index.ts';
import { StorageStack } from './storage/index.ts';

/** The stacks of one environment, in the order they are deployed. */
export function environmentStacks(app: App, env: Environment): void {
  const storage = new StorageStack(app, env);
  new NetworkStack(app, env, { storage });
}
