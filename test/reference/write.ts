import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { reference } from './reference.ts';

/** Writes docs/reference.md anew: `npm run reference`. */
const file = join(import.meta.dirname, '..', '..', 'docs', 'reference.md');
writeFileSync(file, await format(reference(), { ...(await resolveConfig(file)), filepath: file }));
