import { spawn, type ChildProcess } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROOT } from '../../cli/embedded/home.ts';
import { readState } from '../../cli/embedded/state.ts';
import type { Said } from '../bad-input/cli.ts';

const LONG = { timeout: 400_000, interval: 200 };
const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
/** The lines that a newcomer types after the demo, as they stand. */
const [, , lines = ''] = readme.split('```sh\n').map((part) => part.split('```')[0] ?? '');
const folder = mkdtempSync(join(tmpdir(), 'sluice-readme-'));
const root = join(folder, 'sluice');
const home = join(folder, 'home');
let dev: ChildProcess | undefined;
let said = '';

beforeAll(() => {
  const left = new Set(['.git', '.tools', '.sluice', 'node_modules', 'dist', 'infra-cdktf', 'test', 'docs']);
  for (const name of readdirSync(ROOT))
    if (!left.has(name)) cpSync(join(ROOT, name), join(root, name), { recursive: true });
  for (const name of ['node_modules', '.tools']) symlinkSync(join(ROOT, name), join(root, name));
  chmodSync(folder, 0o755); // started by root, PostgreSQL runs as a user of its own
});
afterAll(async () => {
  const ended = new Promise((resolve) => dev?.once('close', resolve));
  if (dev?.kill('SIGTERM')) await ended;
  rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 250 }); // the stack's keeper may look at it once more
});

describe('what the README says', { timeout: 900_000 }, () => {
  it('npm run demo brings rows to customer segments', async () => {
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>;
    };
    expect(scripts['demo']).toBe('node setup.mjs && node bin/sluice demo');
    const { code, out } = await type('bin/sluice demo --orders 400');
    expect(out).toMatch(/rows from PostgreSQL to customer segments in/);
    expect(code).toBe(0);
  });

  it('every line to go on with shows something', async () => {
    const typed = lines.split('\n').filter((line) => line.startsWith('bin/sluice'));
    expect(typed.length).toBeGreaterThanOrEqual(4);
    expect(typed[0]).toMatch(/^bin\/sluice dev /);
    dev = start('bin/sluice dev');
    for (const stream of [dev.stdout, dev.stderr])
      stream?.on('data', (chunk: Buffer) => (said += String(chunk)));
    await expect.poll(() => said, LONG).toContain('Ctrl-C stops it all.');
    for (const line of typed.slice(1)) {
      const { code, out, err } = await type(line);
      expect(`${line}: ${code}`, err).toBe(`${line}: 0`);
      expect(out.trim().split('\n').at(-1), line).not.toMatch(/nothing to do/);
      if (line.includes('backfill')) expect(out).toMatch(/7 of 7 intervals done/);
      else expect(out.trim().split('\n').length, line).toBeGreaterThan(2);
    }
  });

  it('a demo of other data leaves these alone, and says how to go on', async () => {
    const orders = async (at: string) => {
      const query = 'bin/sluice sql "select count(*) as n from raw_olist.orders" --json';
      const [row] = JSON.parse((await type(query, { SLUICE_HOME: at })).out) as { n: unknown }[];
      return Number(row?.n);
    };
    expect(await orders(home)).toBe(400);
    const { code, out } = await type('bin/sluice demo --orders 150');
    expect(code).toBe(0);
    const own = /export SLUICE_HOME=(\S+)/.exec(out)?.[1] ?? '';
    expect(own.startsWith(join(home, 'demo-'))).toBe(true);
    expect(await orders(home)).toBe(400);
    expect(await orders(own)).toBe(150);
  });

  it('a new pipeline is taken by the stack that runs; one that is broken changes nothing', async () => {
    const index = join(root, 'pipelines', 'index.ts');
    const before = readFileSync(index, 'utf8');
    const worker = () => readState(home)?.children['worker']?.pid;
    const first = worker();
    writeFileSync(index, `${before}\nexport const broken = ;\n`);
    await expect.poll(() => said, LONG).toMatch(/pipelines\/ cannot be used as it is now/);
    expect(worker()).toBe(first);

    writeFileSync(join(root, 'pipelines', 'shop.ts'), SHOP);
    writeFileSync(index, withPipeline(before));
    await expect.poll(() => said, LONG).toContain('schedule shop: created');
    expect(worker()).not.toBe(first);
  });
});

const SHOP = `import { definePipeline } from '../core/pipeline.ts';

export const shop = definePipeline({
  name: 'shop',
  description: 'A pipeline that is new',
  schedule: { cron: '0 0 * * *', timezone: 'UTC', delay: '2 hours' },
  start: '2024-01-01',
  source: 'olist',
  tables: { sellers: { domain: 'market', extract: { mode: 'snapshot' } } },
});
`;

/** One more line in the registry, and its import. */
function withPipeline(index: string): string {
  return `import { shop } from './shop.ts';\n${index.replace(/\[olist\b/, '[shop, olist')}`;
}

function start(line: string, environment: Readonly<Record<string, string>> = {}): ChildProcess {
  return spawn('sh', ['-c', `exec ${line}`], {
    cwd: root,
    env: { ...process.env, NO_COLOR: '1', SLUICE_HOME: home, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

async function type(line: string, environment: Readonly<Record<string, string>> = {}): Promise<Said> {
  const child = start(line, environment);
  const text = { out: '', err: '' };
  child.stdout?.on('data', (chunk: Buffer) => (text.out += String(chunk)));
  child.stderr?.on('data', (chunk: Buffer) => (text.err += String(chunk)));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, ...text };
}
