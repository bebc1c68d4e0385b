import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import { Ports } from './ports.ts';

const FIRST = 42_600;
const opened: Ports[] = [];
const ports = () => {
  const made = new Ports();
  opened.push(made);
  return made;
};
afterEach(() => {
  for (const each of opened.splice(0)) each.release();
});

describe('ports', () => {
  it('are not given to two stacks that start at the same time, though nobody listens on them', async () => {
    const stacks = Array.from({ length: 6 }, ports);
    const found = await Promise.all(stacks.map((each) => each.reserveRow(FIRST, 3)));
    const all = found.flatMap((first) => [first, first + 1, first + 2]);
    expect(new Set(all).size).toBe(18);
  });

  it('are not given to a process that has another folder for what is temporary', async () => {
    const first = await ports().reserve('SLUICE_TEST_PORT', FIRST);
    const script = `import { Ports } from ${JSON.stringify(join(import.meta.dirname, 'ports.ts'))};
      console.log(await new Ports().reserve('SLUICE_TEST_PORT', ${FIRST}));`;
    const env = { ...process.env, TMPDIR: mkdtempSync(join(tmpdir(), 'sluice-ports-')) };
    const other = await promisify(execFile)(
      process.execPath,
      ['--import', 'tsx', '--input-type=module', '-e', script],
      { env },
    );
    expect(Number(other.stdout)).toBeGreaterThan(first);
    rmSync(env.TMPDIR, { recursive: true });
  });

  it('are free again when they are given back', async () => {
    const one = ports();
    const first = await one.reserve('SLUICE_TEST_PORT', FIRST);
    expect(await ports().reserve('SLUICE_TEST_PORT', FIRST)).toBeGreaterThan(first);
    one.release();
    expect(await ports().reserve('SLUICE_TEST_PORT', FIRST)).toBe(first);
  });

  it('that somebody listens on are passed over; one that was asked for by name is refused', async () => {
    const first = await ports().reserve('SLUICE_TEST_PORT', FIRST);
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(first + 1, '127.0.0.1', resolve));
    try {
      expect(await ports().reserve('SLUICE_TEST_PORT', first + 1)).toBeGreaterThan(first + 1);
      process.env['SLUICE_TEST_PORT'] = String(first);
      await expect(ports().reserve('SLUICE_TEST_PORT', FIRST)).rejects.toThrow(
        `Port ${first} (SLUICE_TEST_PORT) is already in use, by a listener or a stack that starts.`,
      );
    } finally {
      delete process.env['SLUICE_TEST_PORT'];
      server.close();
    }
  });
});
