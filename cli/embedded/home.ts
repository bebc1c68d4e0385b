import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** The checkout that this file is part of. */
export const ROOT = resolve(import.meta.dirname, '..', '..');

/** Everything that the embedded stack writes is below this folder. */
export function homeFolder(environment: Readonly<Record<string, string | undefined>>): string {
  return resolve(environment['SLUICE_HOME'] ?? join(ROOT, '.sluice'));
}

/** The Python environment with dbt: as set, else the one that the set-up script made. */
export function pythonHome(environment: Readonly<Record<string, string | undefined>>): string {
  return environment['SLUICE_PYTHON'] ?? join(ROOT, '.tools', 'python');
}

/** The Temporal CLI: the project's own, else the first on PATH; undefined when there is none. */
export function temporalBinary(
  environment: Readonly<Record<string, string | undefined>>,
): string | undefined {
  const folders = [join(ROOT, '.tools', 'bin'), ...(environment['PATH'] ?? '').split(':')];
  return folders.map((folder) => join(folder, 'temporal')).find((file) => existsSync(file));
}
