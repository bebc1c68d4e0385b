import { accessSync, constants, existsSync } from 'node:fs';
import { basename, delimiter, isAbsolute, join, resolve } from 'node:path';
import type { OwnWork } from '../../core/tasks.ts';
import { functionFile } from './function.ts';

/** Programs whose first argument that is no option is a file to run. */
const INTERPRETERS = /^(python[\d.]*|node|bash|sh|ruby|perl|Rscript|deno|tsx)$/;

/**
 * What a task names and is not there; undefined where all is. Programs without a path are looked for on this machine's PATH, where the
 * worker runs on it: `here`.
 * @param folder the project's `tasks/`
 */
export function missingOf(does: OwnWork, folder: string, here: boolean): string | undefined {
  if ('run' in does)
    return functionFile(folder, does.run)
      ? undefined
      : `run: there is no ${join(folder, `${does.run}.ts`)}; write it, or correct the name.`;
  const [program = '', ...rest] = does.script;
  // What is outside of the project is where the worker runs.
  const isTheirs = (path: string) => !here && isAbsolute(path);
  if (isTheirs(program)) return undefined;
  if (program.includes('/')) {
    const file = resolve(folder, program);
    if (!existsSync(file)) return `script: there is no ${file}; write it, or correct the path.`;
    if (!isExecutable(file)) return `script: ${file} may not be executed; 'chmod +x' it.`;
    return undefined;
  }
  if (here && !onPath(program))
    return `script: there is no program '${program}' on PATH; install it, or name its path.`;
  const [file] = rest;
  if (
    !INTERPRETERS.test(basename(program)) ||
    file === undefined ||
    !/^[^-$].*\.\w+$/.test(file) ||
    isTheirs(file)
  )
    return undefined;
  return existsSync(resolve(folder, file))
    ? undefined
    : `script: there is no ${resolve(folder, file)}; write it, or correct the name.`;
}

function onPath(program: string): boolean {
  return (process.env['PATH'] ?? '')
    .split(delimiter)
    .some((folder) => folder && isExecutable(join(folder, program)));
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
