import { execFileSync, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import getPort from 'get-port';
import { expect, it, onTestFinished } from 'vitest';
import { parse } from 'yaml';
import { eventually } from '../test/faults/wait.ts';

const ROOT = join(import.meta.dirname, '..');
/** What the ledger holds adds to it; docs/benchmarks.md has the figures. They are others with each version of Node: what is held here is the share. */
const LESS = 0.93;
const PAGES = ['/', '/backfills', '/pools', '/actions', '/notices', '/dashboards', '/pipelines/olist'];

/** How a file of compose starts the pages. */
function commandOf(file: string): string[] {
  const { services } = parse(readFileSync(join(ROOT, file), 'utf8')) as {
    services: { pages: { command: string[] } };
  };
  return services.pages.command;
}

/** Megabytes that the server takes when every page was asked for once. Neither ledger nor Temporal is there: what it loads is the same. */
async function memoryOf(args: readonly string[]): Promise<number> {
  const address = `127.0.0.1:${await getPort()}`;
  const server = spawn(process.execPath, args, {
    cwd: ROOT,
    stdio: 'ignore',
    env: {
      PATH: process.env['PATH'] ?? '',
      SLUICE_PROFILE: 'embedded',
      SLUICE_PAGES: address,
      SLUICE_HOME: '/nowhere',
      SLUICE_PYTHON: '/nowhere',
      SLUICE_POSTGRES_PORT: '1',
      SLUICE_POSTGRES_PASSWORD: 'none',
      SLUICE_MYSQL_PORT: '1',
      SLUICE_MYSQL_PASSWORD: 'none',
      TEMPORAL_ADDRESS: '127.0.0.1:1',
      TEMPORAL_UI: 'http://127.0.0.1:1',
    },
  });
  onTestFinished(() => void server.kill());
  const get = (path: string) => fetch(`http://${address}${path}`).then((answer) => answer.text());
  await eventually('the pages', () => get('/').catch(() => false), 90_000);
  for (const path of PAGES) await get(path);
  const [, kilobytes] = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${server.pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) / 1024;
}

it.skipIf(process.platform !== 'linux')(
  'the server of the pages takes less memory as compose starts it than as Node comes',
  { timeout: 240_000 },
  async () => {
    const [, ...args] = commandOf('docker-compose.yml');
    expect(commandOf('template/docker-compose.yml').slice(1, -1)).toEqual(args.slice(0, -1));
    // Which takes memory of its own.
    const compiling = `import('./build.mjs').then(({ compiled }) => compiled('web/main.ts'))`;
    execFileSync(process.execPath, ['--eval', compiling], { cwd: ROOT });
    const plain = await memoryOf(args.filter((each) => each !== '--optimize-for-size'));
    expect(plain).toBeGreaterThan(40);
    expect((await memoryOf(args)) / plain).toBeLessThan(LESS);
  },
);
