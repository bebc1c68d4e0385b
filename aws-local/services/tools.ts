import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

const ROOT = join(import.meta.dirname, '..', '..');
/** What `aws-local/setup.mjs` installs into. */
export const TOOLS = join(ROOT, '.tools');

/** The path of a program: on PATH, else in `.tools/bin`; undefined where there is none. */
export function findProgram(name: string): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), join(TOOLS, 'bin')];
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** What to say where a tool is missing. */
export function howToGet(what: string): string {
  return `There is no ${what}. Run 'node aws-local/setup.mjs', which installs it into the project folder.`;
}
