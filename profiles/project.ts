import { join, sep } from 'node:path';

/** The folder of the engine. */
export const ENGINE = join(import.meta.dirname, '..');
/** Whether the engine is a package of the project, and no checkout. */
export const INSTALLED = ENGINE.split(sep).includes('node_modules');
/** The folder of the project: `bin/` has looked for it; without, the checkout is its own. */
export const PROJECT = process.env['SLUICE_PROJECT'] ?? ENGINE;
