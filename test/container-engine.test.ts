import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectRefusal, sluice } from './bad-input/cli.ts';
import { copySources } from './checkout.ts';

const checkout = mkdtempSync(join(tmpdir(), 'sluice-engine-'));
const there = join(checkout, 'there.yaml');
const environment = { SLUICE_HOME: join(checkout, '.sluice'), DOCKER_HOST: 'unix:///nowhere/engine.sock' };
beforeAll(() => {
  copySources(checkout);
  writeFileSync(
    there,
    `temporal: { address: 'h:1' }
ledger: { host: h, database: d, user: u, password: p }
connections: { ${sources()
      .map((name) =>
        name === 'olist_funnel'
          ? `${name}: { type: files, root: inbox }`
          : `${name}: { type: postgres, host: h, database: d, user: u, password: p }`,
      )
      .join(', ')} }
lake: { type: folder, path: lake }
warehouse: { type: duckdb, file: w.duckdb }
transform: { type: dbt, target: duckdb, project: ${checkout}/dbt, python: python, state: state }
jobs: { container: { type: docker, host: '${environment.DOCKER_HOST}' }, spark: { type: local, python: python } }
`,
  );
});
/** Connections that the checkout's pipelines read. */
const sources = () => {
  const folder = join(checkout, 'pipelines');
  const texts = readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
    entry.isFile() ? [readFileSync(join(folder, entry.name), 'utf8')] : [],
  );
  return [...new Set(texts.flatMap((text) => text.match(/(?<=source: ')\w+/g) ?? []))];
};
afterAll(() => rmSync(checkout, { recursive: true, force: true }));

const run = (...args: string[]) => sluice(args, environment, checkout);
const finding = async () => {
  const { out } = await run('doctor', '--json');
  const all = JSON.parse(out) as { what: string; ok: boolean; detail: string }[];
  return all.find(({ what }) => what === 'containers (docker)');
};

describe('an engine for containers that does not answer', { timeout: 300_000 }, () => {
  it('is no matter where no pipeline has a container', async () => {
    expect((await run('validate')).code).toBe(0);
    expect(await finding()).toMatchObject({
      ok: true,
      detail: expect.stringMatching(/^no pipeline has any/) as unknown,
    });
  });

  it('is wrong where one has, and runs here; a warning where it runs elsewhere', async () => {
    writeFileSync(
      join(checkout, 'pipelines', 'boxed.ts'),
      `import { definePipeline } from '../core/pipeline.ts';
export const boxed = definePipeline({ name: 'boxed', description: 'b', schedule: 'manual', start: '2024-01-01', tasks: { box: { container: { image: 'us/box:1' } } } });\n`,
    );
    const says =
      /Tasks of 'boxed' are containers, and none would be run: The container engine at unix:\/\/\/nowhere\/engine\.sock could not be reached: ENOENT\. Start it/;
    expectRefusal(await run('validate'), 2, [says]);
    expect(await finding()).toMatchObject({
      ok: false,
      detail: expect.stringMatching(/could not be reached/) as unknown,
    });
    const elsewhere = await run('validate', '--profile', there);
    expect(elsewhere).toMatchObject({ code: 0 });
    expect(elsewhere.out).toMatch(says);
  });
});
