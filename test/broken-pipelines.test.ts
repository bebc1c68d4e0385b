import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROOT } from '../cli/embedded/home.ts';
import { expectRefusal, sluice } from './bad-input/cli.ts';
import { copySources } from './checkout.ts';

const checkout = mkdtempSync(join(tmpdir(), 'sluice-broken-'));
const home = { SLUICE_HOME: join(checkout, '.sluice') };
beforeAll(() => copySources(checkout));
afterAll(() => rmSync(checkout, { recursive: true, force: true }));

const write = (name: string, text: string) => writeFileSync(join(checkout, 'pipelines', name), text);
const DEFINE = `import { definePipeline } from '../core/pipeline.ts';\n`;

describe('a pipeline file that does not hold', { timeout: 300_000 }, () => {
  beforeAll(() => {
    write('syntax.ts', 'export const = 1;\n');
    write('throws.ts', `const at: string = 'today';\n\nthrow new Error(\`not \${at}\`);\n`);
    write('lost.ts', `${DEFINE}import { nothing } from './nowhere.ts';\nexport const lost = nothing;\n`);
    write(
      'stray.ts',
      `import { definePipelin } from '../core/pipeline.ts';\nexport const stray = definePipelin({});\n`,
    );
    write(
      'wrong.ts',
      `${DEFINE}export const wrong = definePipeline({ name: 'wrong', description: 'w', schedule: 'manual', source: 'olist', start: 'soon', tables: {}, tasks: { lost: { run: 'lost' }, wide: { script: ['true'], pool: 'river' } } });\n`,
    );
    mkdirSync(join(checkout, 'pipelines', 'shared'));
    write('shared/deep.ts', `${DEFINE}export const deep = definePipeline({ name: 'deep' });\n`);
    write(
      'shared/many.ts',
      `${DEFINE}export const many = (name: 'a') => definePipeline({ name } as never);\n`,
    );
    write('shared/names.ts', `export const names = ['no pipeline, and no problem'];\n`);
    write('module.mts', `export const module = definePipeline({ name: 'module' });\n`);
    write('olist.old.ts', `export const old = definePipeline({ name: 'old' });\n`);
  });

  it('is reported by validate with its name and file, all of them at once', async () => {
    const said = await sluice(['validate'], home, checkout);
    expectRefusal(said, 2, [
      /Pipeline 'syntax' \(pipelines\/syntax\.ts\).+\n.+line 1, column 14: Expected identifier/,
      /Pipeline 'throws' \(pipelines\/throws\.ts\).+\n.+line 3: not today/,
      /Pipeline 'lost' \(pipelines\/lost\.ts\).+\n.+line 2.+nowhere\.ts/,
      /Pipeline 'stray' \(pipelines\/stray\.ts\).+\n.+definePipelin/,
      /Pipeline 'wrong' \(pipelines\/wrong\.ts\) has a problem/,
      /Task 'lost' of pipeline 'wrong': .*tasks\/lost\.ts/,
      `Task 'wide' of pipeline 'wrong' needs pool 'river'`,
      /Pipeline 'shared\/deep' \(pipelines\/shared\/deep\.ts\).+\n.+move or rename it/,
      /Pipeline 'module.mts' \(pipelines\/module\.mts\).+\n.+move or rename it/,
      /Pipeline 'olist.old' \(pipelines\/olist\.old\.ts\).+\n.+move or rename it/,
    ]);
  });

  it('leaves every command in use, for the other pipelines', async () => {
    expect((await sluice(['--help'], home, checkout)).code).toBe(0);
    expect((await sluice(['sql', 'select 1 as one'], home, checkout)).out).toContain('(1 row)');
    const olist = await sluice(['lake', 'ls', 'olist', 'nothing'], home, checkout);
    expectRefusal(olist, 2, [`Pipeline 'olist' has no table 'nothing'`]);
  });

  it('is what a command that names it talks of', async () => {
    expectRefusal(await sluice(['lake', 'ls', 'throws', 'orders'], home, checkout), 2, [
      `Pipeline 'throws' (pipelines/throws.ts) has a problem:`,
      'not today',
    ]);
  });
});

describe('the pipeline of the README', { timeout: 300_000 }, () => {
  it('loads as it stands, and lacks its connection alone', async () => {
    rmSync(join(checkout, 'pipelines', 'shared'), { recursive: true });
    rmSync(join(checkout, 'pipelines', 'module.mts'));
    for (const name of ['syntax', 'throws', 'lost', 'stray', 'wrong', 'olist.old'])
      rmSync(join(checkout, 'pipelines', `${name}.ts`), { force: true });
    const [, code = ''] =
      /## A pipeline\n+```ts\n([^]+?)```/.exec(readFileSync(join(ROOT, 'README.md'), 'utf8')) ?? [];
    write('shop.ts', code);
    const said = await sluice(['validate'], home, checkout);
    expectRefusal(said, 2, [
      `has a problem:`,
      `Pipeline 'shop' reads connection 'shop', which profile 'embedded' does not have`,
    ]);
  });

  it('is missed where there is none at all', async () => {
    for (const name of readdirSync(join(checkout, 'pipelines')))
      if (name.endsWith('.ts') && !name.startsWith('index.')) rmSync(join(checkout, 'pipelines', name));
    expectRefusal(await sluice(['validate'], home, checkout), 2, ['there is no pipeline: add a file']);
  });
});
