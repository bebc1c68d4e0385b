import { buildSync } from 'esbuild';
import { rmSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const bundled = new Map<string, string>();

/** The folder with one file, made of a function's sources and the packages it uses. The AWS SDK is part of Lambda's runtime. */
export function bundle(name: string): string {
  const known = bundled.get(name);
  if (known !== undefined) return known;
  const folder = join(root, 'node_modules/.cache/functions', name);
  rmSync(folder, { recursive: true, force: true });
  buildSync({
    entryPoints: [join(root, 'functions', name, 'index.ts')],
    outfile: join(folder, 'index.js'),
    absWorkingDir: root,
    bundle: true,
    platform: 'node',
    target: 'node22',
    format: 'cjs',
    minify: true,
    legalComments: 'none',
    external: ['@aws-sdk/*', 'pg-native'],
    logLevel: 'error',
  });
  bundled.set(name, folder);
  return folder;
}
