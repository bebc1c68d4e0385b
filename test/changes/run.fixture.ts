import { changing, ChangesLab } from './lab.ts';

/** A worker's work on one table, up to a point where it waits to be killed: `extracted` or `loaded`; `never` means to the end. */
const [folder = '', url = '', until = 'never'] = process.argv.slice(2);
const lab = ChangesLab.over(folder, url);
const t = changing();

async function reach(point: string): Promise<void> {
  process.stdout.write(`${point}\n`);
  if (point === until) await new Promise((resolve) => setTimeout(resolve, 600_000));
}

await reach('begun');
const bronze = await lab.extract(t);
await reach('extracted');
await lab.load(t, bronze);
await reach('loaded');
await lab.advance(t);
await reach('advanced');
await lab.source.close();
await lab.warehouse.close();
