import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const HERE = import.meta.dirname;

/** What all pages are dressed and moved by: one style sheet, one script, named after what is in them. */
export interface Assets {
  readonly style: { readonly name: string; readonly text: string };
  readonly script: { readonly name: string; readonly text: string };
}

let made: Promise<Assets> | undefined;

/** Put together once in a process. Opened from a file as well: no modules, which browsers refuse there. */
export function assets(): Promise<Assets> {
  made ??= make();
  return made;
}

async function make(): Promise<Assets> {
  const { buildSync, transformSync } = await import('esbuild');
  const { outputFiles } = buildSync({
    entryPoints: [join(HERE, 'browser', 'main.tsx')],
    bundle: true,
    minify: true,
    format: 'iife',
    target: 'es2022',
    jsx: 'automatic',
    jsxImportSource: 'hono/jsx',
    charset: 'ascii',
    write: false,
    logLevel: 'silent',
    tsconfigRaw: {},
  });
  const css = transformSync(readFileSync(join(HERE, 'style.css'), 'utf8'), {
    loader: 'css',
    minify: true,
  }).code;
  const named = (extension: string, text: string) => {
    const digest = createHash('sha256').update(text).digest('hex').slice(0, 12);
    return { name: `assets/dashboard-${digest}.${extension}`, text };
  };
  return {
    style: named('css', css),
    script: named('js', (outputFiles[0]?.text ?? '').replaceAll('</script', '<\\/script')),
  };
}
