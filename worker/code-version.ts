import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ENGINE, PROJECT } from '../profiles/project.ts';

/** What the worker runs: the commit of the project, else its version, else the engine's. Images set it when they are built. */
export function codeVersion(fromEnvironment: string | undefined): string {
  if (fromEnvironment) return fromEnvironment;
  try {
    return execFileSync('git', ['rev-parse', '--short=12', 'HEAD'], {
      cwd: PROJECT,
      stdio: ['ignore', 'pipe', 'ignore'],
    })
      .toString()
      .trim();
  } catch {
    return versionIn(PROJECT) ?? `engine ${versionIn(ENGINE) ?? 'of no version'}`;
  }
}

function versionIn(folder: string): string | undefined {
  try {
    return (JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version?: string }).version;
  } catch {
    return undefined; // pipelines may be mounted alone
  }
}
