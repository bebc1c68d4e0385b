import { cpSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../cli/embedded/home.ts';

const PARTS = [
  ...[
    'activities',
    'bin',
    'cli',
    'connectors',
    'core',
    'dbt',
    'operations',
    'pipelines',
    'profiles',
    'seed',
    'spark/jobs',
    'tasks',
    'template',
    'web',
    'worker',
    'workflows',
  ],
  ...['dashboards/index.ts', 'build.mjs', 'index.ts', 'project.mjs', 'package.json', 'package-lock.json'],
];

/** A checkout of its own that may be edited: the sources as they are, with the packages of this one. */
export function copySources(folder: string): void {
  for (const name of PARTS) cpSync(join(ROOT, name), join(folder, name), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
}
