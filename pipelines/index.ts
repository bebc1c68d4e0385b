import { readdirSync, readFileSync } from 'node:fs';
import { withDashboards } from '../core/dashboards/registry.ts';
import { messageOf } from '../core/errors.ts';
import { readRegistry, type PipelineFile } from '../core/registry.ts';
import { dashboards } from '../dashboards/index.ts';

/**
 * Files of this folder, but not of those below it: what several pipelines share can lie there. Of another project it is that one's
 * folder: `build.mjs` compiles this file as if it lay there.
 */
const stems = readdirSync(import.meta.dirname)
  .filter((name) => /^(?!index\.ts$)[^.]+\.ts$/.test(name))
  .map((name) => name.slice(0, -3))
  .sort();

/** What a file says that is a pipeline's; a function that makes some is none. */
const DEFINES = /^export\s+(?:const\s+\w+\s*(?::[^=\n]+)?=|default)\s*definePipeline\s*[<(]/m;

const isMapped = process.sourceMapsEnabled;
process.setSourceMapsEnabled(true); // for the line of one that throws
const files = await Promise.all(stems.map(load));
process.setSourceMapsEnabled(isMapped);

/** Every pipeline there is: what the files beside this one export. One that cannot be loaded takes no other with it. */
export const registry = withDashboards(readRegistry([...files, ...passedOver()]), dashboards);

/** Files that define a pipeline where nobody looks for one. */
function passedOver(): PipelineFile[] {
  return readdirSync(import.meta.dirname, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.[cm]?[jt]sx?$/.test(name) && !/\.(test|fixture|d)\.[^.]+$/.test(name))
    .filter((name) => name !== 'index.ts' && !stems.includes(name.replace(/\.ts$/, '')))
    .filter((name) => DEFINES.test(readFileSync(`${import.meta.dirname}/${name}`, 'utf8')))
    .map((name) => ({
      file: `pipelines/${name}`,
      failure: 'pipelines are looked for in files like pipelines/shop.ts alone; move or rename it.',
    }));
}

async function load(stem: string): Promise<PipelineFile> {
  const file = `pipelines/${stem}.ts`;
  try {
    const exported = (await import(/* @vite-ignore */ `./${stem}.ts`)) as Readonly<Record<string, unknown>>;
    return { file, exports: Object.values(exported) };
  } catch (error) {
    return { file, failure: `${lineOf(error, stem)}${messageOf(error).split('\n')[0] ?? ''}` };
  }
}

/** Where in the file it was thrown, or what it had called; what does not compile says so itself. */
function lineOf(error: unknown, stem: string): string {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  const line = stack.split(`/pipelines/${stem}.ts:`)[1]?.match(/^\d+/)?.[0];
  return line === undefined ? '' : `line ${line}: `;
}
