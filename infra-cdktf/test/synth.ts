import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newApp } from '../app.ts';
import type { Environment } from '../config/environment.ts';
import { accountStacks, environmentStacks } from '../stacks/index.ts';
import { readStack, type Synthesized } from '../terraform/synthesized.ts';

/** Synthesizes environments as `main.ts` would, somewhere else. */
export function synthesize(environments: readonly Environment[]): Map<string, Synthesized> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-synth-'));
  try {
    const app = newApp(folder);
    accountStacks(app, environments);
    for (const env of environments) environmentStacks(app, env, environments);
    app.synth();
    const stacks = join(folder, 'stacks');
    return new Map(readdirSync(stacks).map((stack) => [stack, readStack(stacks, stack)]));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
