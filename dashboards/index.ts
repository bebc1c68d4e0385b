import { readdirSync } from 'node:fs';
import { readDashboards, type DashboardFile } from '../core/dashboards/registry.ts';
import { messageOf } from '../core/errors.ts';

/** Files of this folder; of another project, of that one's: `build.mjs` compiles this file as if it lay there. */
const stems = readdirSync(import.meta.dirname)
  .filter((name) => /^(?!index\.ts$)[^.]+\.ts$/.test(name))
  .map((name) => name.slice(0, -3))
  .sort();

/** Every dashboard there is: what the files beside this one export. One that cannot be loaded takes no other with it. */
export const dashboards = readDashboards(await Promise.all(stems.map(load)));

async function load(stem: string): Promise<DashboardFile> {
  const file = `dashboards/${stem}.ts`;
  try {
    const exported = (await import(/* @vite-ignore */ `./${stem}.ts`)) as Readonly<Record<string, unknown>>;
    return { file, exports: Object.values(exported) };
  } catch (error) {
    return { file, failure: messageOf(error).split('\n')[0] ?? '' };
  }
}
