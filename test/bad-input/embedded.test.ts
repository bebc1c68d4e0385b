import { chmodSync, cpSync, existsSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import getPort from 'get-port';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { ROOT } from '../../cli/embedded/home.ts';
import { expectRefusal, sluice } from './cli.ts';

const folder = mkdtempSync(join(tmpdir(), 'sluice-embedded-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(folder, 'home-'));
  for (const path of [folder, home]) chmodSync(path, 0o755); // started by root, PostgreSQL runs as a user of its own
});
const run = ['run', 'olist', '--interval', '2018-08-01'];
/** Ports of its own, so that nothing else on the machine is in the way. */
const ports = async () => ({
  SLUICE_POSTGRES_PORT: String(await getPort()),
  SLUICE_TEMPORAL_PORT: String(await getPort()),
  SLUICE_UI_PORT: String(await getPort()),
});

describe('an embedded stack that cannot start', { timeout: 120_000 }, () => {
  it.each(['SLUICE_POSTGRES_PORT', 'SLUICE_TEMPORAL_PORT'])(
    'because the port of %s is in use: says which',
    async (variable) => {
      const { server, port } = await listening();
      try {
        const said = await sluice(run, { ...(await ports()), SLUICE_HOME: home, [variable]: String(port) });
        expectRefusal(said, 1, [`Port ${port} (${variable}) is already in use`, 'Free it, set another']);
        expect(readdirSync(home)).not.toContain('stack.json');
        expect(readdirSync(home)).not.toContain('postgres');
      } finally {
        server.close();
      }
    },
  );

  it('because a port is no number: says which variable', async () => {
    const said = await sluice(run, { SLUICE_HOME: home, SLUICE_TEMPORAL_PORT: 'seven' });
    expectRefusal(said, 2, [`SLUICE_TEMPORAL_PORT: 'seven' is no port`, 'leave it unset']);
  });

  it('because there is no Temporal: says how to get it, and leaves nothing running', async () => {
    const root = checkoutWithoutTools();
    const PATH = (process.env['PATH'] ?? '')
      .split(delimiter)
      .filter((path) => !existsSync(join(path, 'temporal')))
      .concat(dirname(process.execPath))
      .join(delimiter);
    const said = await sluice(run, { ...(await ports()), SLUICE_HOME: home, PATH }, root);
    expect(said.code).toBe(1);
    expect(said.out).toBe('');
    expect(said.err).toMatch(
      /The Temporal CLI is neither in .tools\/bin nor on PATH\. Run 'sluice setup', or install it: https:/,
    );
    expect(said.err).not.toMatch(/^\s+at /m);
    expect(existsSync(join(home, 'stack.json'))).toBe(false);
    expect(existsSync(join(home, 'postgres'))).toBe(false); // It is noticed before anything is started.

    const { out } = await sluice(['doctor', '--json'], { SLUICE_HOME: home, PATH }, root);
    const found = JSON.parse(out) as { what: string; detail: string }[];
    const details = found.filter(({ what }) => ['dbt', 'Temporal CLI'].includes(what));
    expect(details.map(({ detail }) => detail)).toEqual([
      `not found at ${join(root, '.tools/python/bin/dbt')}; run 'sluice setup'`,
      `not found; run 'sluice setup'`,
    ]);
  });
});

describe('--json', { timeout: 120_000 }, () => {
  it('stays one JSON document when a command fails', async () => {
    const said = await sluice(['run', 'olst', '--json'], { SLUICE_HOME: home });
    expect(said.code).toBe(2);
    expect(JSON.parse(said.out)).toMatchObject({
      error: { kind: 'PipelineUnknown', message: expect.stringContaining(`'olst'`) as string },
    });
    expect(said.err).toContain(`Pipeline 'olst' is not in the registry`);
  });

  it.each([
    { args: ['sql', 'select 1 as one, null as none'], document: [{ one: 1, none: null }] },
    {
      args: ['validate'],
      document: {
        pipelines: expect.arrayContaining([expect.objectContaining({ name: 'olist' })]) as unknown,
      },
    },
    { args: ['lake', 'ls', 'olist', 'orders'], document: [] },
    { args: ['lake', 'gc'], document: { removedLoads: 0 } },
  ])('is one JSON document: $args', async ({ args, document }) => {
    const said = await sluice([...args, '--json'], { SLUICE_HOME: home });
    expect(`${said.code} ${said.err}`).toBe('0 ');
    expect(JSON.parse(said.out)).toMatchObject(document);
  });
});

/** The sources of this checkout in a folder of their own, where the set-up script has not run. */
function checkoutWithoutTools(): string {
  const root = mkdtempSync(join(folder, 'checkout-'));
  const left = new Set(['.git', '.tools', '.sluice', 'node_modules', 'dist', 'infra-cdktf', 'test', 'docs']);
  for (const name of readdirSync(ROOT))
    if (!left.has(name)) cpSync(join(ROOT, name), join(root, name), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(root, 'node_modules'));
  return root;
}

async function listening(): Promise<{ server: Server; port: number }> {
  const port = await getPort();
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return { server, port };
}
