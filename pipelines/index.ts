import { readdirSync } from 'node:fs';
import { messageOf } from '../core/errors.ts';
import { readRegistry, type PipelineFile } from '../core/registry.ts';

/**
 * Files of this folder, but not of those below it: what several pipelines share can lie there. Of another project it is that one's
 * folder: `build.mjs` compiles this file as if it lay there.
 */
const stems = readdirSync(import.meta.dirname)
  .filter((name) => /^(?!index\.ts$)[^.]+\.ts$/.test(name))
  .map((name) => name.slice(0, -3))
  .sort();

/** Every pipeline there is: what the files beside this one export. One that cannot be loaded takes no other with it. */
export const registry = readRegistry(await Promise.all(stems.map(load)));

async function load(stem: string): Promise<PipelineFile> {
  const file = `pipelines/${stem}.ts`;
  try {
    const exported = (await import(/* @vite-ignore */ `./${stem}.ts`)) as Readonly<Record<string, unknown>>;
    return { file, exports: Object.values(exported) };
  } catch (error) {
    return { file, failure: messageOf(error).split('\n')[0] ?? '' };
  }
}
