import { copyFileSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { terraform, type Outcome } from './run.ts';
import { synthesizedFolder } from './synthesized.ts';

/**
 * Validates one stack as `stacks.mjs` would hand it to Terraform: with its backend block, its provider's settings and the remote states
 * that it reads, all of which the modules of the mocked apply go without. The backend itself is not contacted.
 */
export function validateAsDeployed(folder: string, stack: string): Outcome {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  copyFileSync(join(synthesizedFolder, stack, 'cdk.tf.json'), join(folder, 'cdk.tf.json'));
  const init = terraform(folder, 'init', '-backend=false', '-input=false', '-no-color');
  return init.ok ? terraform(folder, 'validate', '-no-color') : init;
}
