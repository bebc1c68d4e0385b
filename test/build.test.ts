import {
  existsSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  utimesSync,
  writeFileSync,
  readFileSync,
  statSync,
} from 'node:fs';
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sluice } from './bad-input/cli.ts';
import { copySources } from './checkout.ts';

const ROOT = join(import.meta.dirname, '..');
const checkout = mkdtempSync(join(tmpdir(), 'sluice-build-'));

beforeAll(() => copySources(checkout));
afterAll(() => rmSync(checkout, { recursive: true, force: true }));

describe('the compiled command line', { timeout: 300_000 }, () => {
  it('is made by the first command, and used by the next', async () => {
    expect((await sluice(['--version'], {}, checkout)).code).toBe(0);
    const made = builds();
    expect(made).toHaveLength(1);
    expect((await sluice(['--version'], {}, checkout)).code).toBe(0);
    expect(builds()).toEqual(made);
  });

  it('shows its help in 80 MB of memory, and loads next to nothing for it', () => {
    const usage = join(ROOT, 'bench', 'usage.mjs');
    const { output, status } = spawnSync(
      process.execPath,
      ['--import', usage, join(checkout, 'bin', 'sluice'), '--help'],
      { cwd: checkout, stdio: ['ignore', 'pipe', 'pipe', 'pipe'], encoding: 'utf8' },
    );
    expect(status).toBe(0);
    const { cpuSeconds, peakRssMb } = JSON.parse(output[3] ?? '') as Record<string, number>;
    expect(peakRssMb).toBeLessThan(80);
    expect(cpuSeconds).toBeLessThan(2); // 0.2 on a quiet machine; everything loaded took 3.5
  });

  it('takes an edited source at the next command, whatever its size and time say', async () => {
    const path = join(checkout, 'cli', 'main.ts');
    const { atime, mtime } = statSync(path);
    const text = readFileSync(path, 'utf8');
    writeFileSync(path, text.replace(`'0.1.0'`, `'9.9.9'`));
    utimesSync(path, atime, mtime);
    expect((await sluice(['--version'], {}, checkout)).out).toBe('9.9.9\n');
    writeFileSync(path, text);
    expect((await sluice(['--version'], {}, checkout)).out).toBe('0.1.0\n');
  });

  it('is whole when many commands make it at once', async () => {
    rmSync(join(checkout, 'dist'), { recursive: true });
    const said = await Promise.all(Array.from({ length: 4 }, () => sluice(['--version'], {}, checkout)));
    expect(said.map(({ code, out, err }) => ({ code, out, err }))).toEqual(
      said.map(() => ({ code: 0, out: '0.1.0\n', err: '' })),
    );
    expect(builds()).toHaveLength(1);
  });

  it('names the place where a source does not compile', async () => {
    const path = join(checkout, 'cli', 'commands', 'extra.ts');
    const index = join(checkout, 'cli', 'commands', 'index.ts');
    const text = readFileSync(index, 'utf8');
    writeFileSync(path, 'export const = 1;\n');
    writeFileSync(index, `import './extra.ts';\n${text}`);
    const { code, err } = await sluice(['--version'], {}, checkout);
    writeFileSync(index, text);
    expect(code).toBe(1);
    expect(err).toContain('cli/commands/extra.ts:1:14: Expected identifier');
  });

  it('does not load for --help what only a command needs', () => {
    const main = readFileSync(join(checkout, 'dist', builds()[0] ?? '', 'cli', 'main.js'), 'utf8');
    expect(main).not.toMatch(/duckdb|temporalio|aws-sdk|from "pg"/);
    expect(existsSync(join(checkout, 'dist'))).toBe(true);
  });

  it('loads for a command what it needs: status no more than the ledger, a worker no SDK of AWS', () => {
    expect(loadedWith('cli/status').length).toBeGreaterThan(5); // Node's own
    expect(loadedWith('cli/status').filter((name) => /duckdb|temporalio|aws-sdk|migrate/.test(name))).toEqual(
      [],
    );
    expect(loadedWith('worker/main')).toContain('@temporalio/worker');
    expect(loadedWith('worker/main').filter((name) => name.includes('aws-sdk'))).toEqual([]);
  });
});

/** The packages that come with a compiled file at once; what it imports later does not count. */
function loadedWith(entry: 'cli/status' | 'worker/main'): string[] {
  const build = join(checkout, 'dist', builds()[0] ?? '');
  const files = readdirSync(build, { recursive: true, encoding: 'utf8' });
  const first = files.find(
    (name) => name.endsWith('.js') && name.replace('cli/', '').startsWith(entry.replace('cli/', '')),
  );
  const found = new Set<string>();
  const seen = new Set<string>();
  const look = (path: string) => {
    if (seen.has(path)) return;
    seen.add(path);
    const text = readFileSync(path, 'utf8');
    for (const [, from = ''] of text.matchAll(
      /(?:^|[;}])(?:import|export)\b(?:[^;("']*?from)?\s*["']([^"']+)["']/gm,
    ))
      if (from.startsWith('.')) look(join(path, '..', from));
      else found.add(from);
  };
  look(join(build, first ?? entry));
  return [...found];
}

function builds(): string[] {
  return readdirSync(join(checkout, 'dist')).sort();
}
