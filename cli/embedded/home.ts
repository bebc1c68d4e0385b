import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ENGINE, PROJECT } from '../../profiles/project.ts';

/** The folder of the engine: a checkout, or a package that a project has installed. */
export const ROOT = ENGINE;

type Variables = Readonly<Record<string, string | undefined>>;

/** Whether the command line runs what the profile needs by itself. Where TEMPORAL_ADDRESS is set, `aws-local` runs elsewhere. */
export function runsOwnStack(profile: string, environment: Variables): boolean {
  return profile === 'embedded' || (profile === 'aws-local' && !environment['TEMPORAL_ADDRESS']);
}

/** Everything that a stack of ours writes is below this folder; each profile has its own. */
export function homeFolder(environment: Variables, profile = 'embedded'): string {
  const home = resolve(environment['SLUICE_HOME'] ?? join(PROJECT, '.sluice'));
  return profile === 'embedded' ? home : join(home, profile);
}

/** The Python environment with dbt: as set, else the one that the set-up script made. */
export function pythonHome(environment: Variables): string {
  return environment['SLUICE_PYTHON'] ?? join(PROJECT, '.tools', 'python');
}

/** The Temporal CLI: the project's own, else the first on PATH; undefined when there is none. */
export function temporalBinary(environment: Variables): string | undefined {
  const folders = [join(PROJECT, '.tools', 'bin'), ...(environment['PATH'] ?? '').split(':')];
  return folders.map((folder) => join(folder, 'temporal')).find((file) => existsSync(file));
}
