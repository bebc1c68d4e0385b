// Which project a command is about: the folder with `pipelines/`, `tasks/`, `dbt/`, `profiles/`. Plain Node, no dependency.
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join, resolve, sep } from 'node:path';

/** The folder of the engine: a checkout, which is a project itself, or `node_modules/sluice` of one. */
export const ENGINE = import.meta.dirname;

/**
 * The project: as SLUICE_PROJECT says; else the first folder from `from` upwards that is one; else the checkout that the engine lies in.
 * @returns {string | undefined} undefined where there is none
 * @throws {Error} where SLUICE_PROJECT names a folder that is none
 */
export function findProject(environment, from) {
  const named = environment.SLUICE_PROJECT;
  if (named) {
    const folder = resolve(from, named);
    if (existsSync(join(folder, 'pipelines'))) return realpathSync(folder);
    throw new Error(`SLUICE_PROJECT is ${folder}, which has no folder pipelines/. Correct it, or unset it.`);
  }
  // A link may move on to another release while a process lasts, and compilers report where files really are.
  for (let folder = realpathSync(from); ; folder = dirname(folder)) {
    if (isProject(folder)) return folder;
    if (folder === dirname(folder)) break;
  }
  return ENGINE.split(sep).includes('node_modules') ? undefined : ENGINE;
}

/** One has pipelines, and a package.json that names the engine. */
function isProject(folder) {
  if (!existsSync(join(folder, 'pipelines'))) return false;
  try {
    const {
      name,
      dependencies = {},
      devDependencies = {},
    } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    return name === 'sluice' || 'sluice' in dependencies || 'sluice' in devDependencies;
  } catch {
    return false;
  }
}
