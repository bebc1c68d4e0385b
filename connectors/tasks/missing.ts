import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { basename, delimiter, isAbsolute, join, resolve } from 'node:path';
import { transformSync, type TransformFailure } from 'esbuild';
import { messageOf } from '../../core/errors.ts';
import type { OwnWork } from '../../core/tasks.ts';
import { functionFile } from './function.ts';

/** Programs whose first argument that is no option is a file to run. */
const INTERPRETERS = /^(python[\d.]*|node|bash|sh|ruby|perl|Rscript|deno|tsx)$/;

/**
 * What a task names and is not there, or does not compile; undefined where all is well. Programs without a path are looked for on this machine's PATH, where the
 * worker runs on it: `here`.
 * @param folder the project's `tasks/`
 */
export function missingOf(does: OwnWork, folder: string, here: boolean): string | undefined {
  if ('run' in does) {
    const file = functionFile(folder, does.run);
    return file === undefined
      ? `run: there is no ${join(folder, `${does.run}.ts`)}; write it, or correct the name.`
      : notCompiling(file);
  }
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

/** Looks at the file alone: what it imports is met when it is called. */
function notCompiling(file: string): string | undefined {
  try {
    transformSync(readFileSync(file, 'utf8'), {
      loader: file.endsWith('.ts') ? 'ts' : 'js',
      logLevel: 'silent',
    });
    return undefined;
  } catch (error) {
    const [{ text, location } = { text: messageOf(error), location: null }] =
      error instanceof Error && 'errors' in error ? (error as TransformFailure).errors : [];
    return `run: ${file}${location ? `:${location.line}:${location.column + 1}` : ''} does not compile: ${text}; correct it.`;
  }
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
