import { readFileSync } from 'node:fs';
import { join, sep } from 'node:path';

/** The folder of the engine. */
export const ENGINE = join(import.meta.dirname, '..');
/** Whether the engine is a package of the project, and no checkout. */
export const INSTALLED = ENGINE.split(sep).includes('node_modules');
/** The folder of the project: `bin/` has looked for it; without, the checkout is its own. */
export const PROJECT = process.env['SLUICE_PROJECT'] ?? ENGINE;

/** What the project's package is called: what tells its streams of changes from those of others in one database. */
export function projectName(): string {
  try {
    const { name } = JSON.parse(readFileSync(join(PROJECT, 'package.json'), 'utf8')) as { name?: unknown };
    return typeof name === 'string' && name ? name : 'sluice';
  } catch {
    return 'sluice';
  }
}
