import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What the pages load beside themselves: one style sheet, one script, one icon; each under an address that changes with it. */
export interface Assets {
  readonly style: string;
  readonly script: string;
  /** By address. */
  readonly files: ReadonlyMap<string, { readonly type: string; readonly body: string }>;
}

const HERE = import.meta.dirname;

/** Read and put together once, when the server starts. */
export async function readAssets(): Promise<Assets> {
  const { buildSync } = await import('esbuild'); // one process that ends with its work
  const { outputFiles } = buildSync({
    entryPoints: [join(HERE, 'browser', 'live.ts')],
    bundle: true,
    minify: true,
    format: 'iife',
    target: 'es2022',
    write: false,
    logLevel: 'silent',
  });
  const { code } = await minified(readFileSync(join(HERE, 'style.css'), 'utf8'));
  const files = new Map<string, { type: string; body: string }>();
  const put = (name: string, extension: string, type: string, body: string) => {
    const digest = createHash('sha256').update(body).digest('hex').slice(0, 12);
    const address = `/assets/${name}-${digest}.${extension}`;
    files.set(address, { type, body });
    return address;
  };
  return {
    style: put('style', 'css', 'text/css; charset=utf-8', code),
    script: put('script', 'js', 'text/javascript; charset=utf-8', outputFiles[0]?.text ?? ''),
    files,
  };
}

async function minified(css: string): Promise<{ code: string }> {
  const { transformSync } = await import('esbuild');
  return transformSync(css, { loader: 'css', minify: true });
}

/** Shown by browsers beside the title. */
export const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" fill="none" stroke="#1c7c7d" stroke-width="2.4" stroke-linecap="round" stroke-linejoin="round"><path d="M3 4v16M21 4v16M7 5h10v7H7zM5 16q2.3-2 4.7 0t4.7 0 4.6 0M5 20q2.3-2 4.7 0t4.7 0 4.6 0"/></svg>`;
