import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { ROOT } from '../../cli/embedded/home.ts';

export interface Said {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs the real `sluice` as a child, from a checkout or a project at `root`. */
export async function sluice(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
  root = ROOT,
): Promise<Said> {
  const engine = [root, join(root, 'node_modules', 'sluice')].find((folder) =>
    existsSync(join(folder, 'bin')),
  );
  const child = spawn(process.execPath, [join(engine ?? root, 'bin', 'sluice'), ...args], {
    cwd: root,
    env: { ...process.env, NO_COLOR: '1', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const text = { out: '', err: '' };
  child.stdout.on('data', (chunk: Buffer) => (text.out += String(chunk)));
  child.stderr.on('data', (chunk: Buffer) => (text.err += String(chunk)));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, ...text };
}

/** One clear message: says all of `says`, is no stack trace, and nothing else is on standard output. */
export function expectRefusal(said: Said, code: 1 | 2, says: readonly (string | RegExp)[]): void {
  expect(`${said.code} ${said.err}`).toMatch(new RegExp(`^${code} `));
  expect(said.out).toBe('');
  expectClear(said.err, says);
}

/** A message for people: names what it must name, ends with a next step, shows no stack and no secret. */
export function expectClear(message: string, says: readonly (string | RegExp)[]): void {
  for (const part of says) {
    if (typeof part === 'string') expect(message).toContain(part);
    else expect(message).toMatch(part);
  }
  expect(message).not.toMatch(/^\s+at .+[:)]\d*/m);
  expect(message).not.toMatch(/node:internal|node_modules|\[object Object\]|undefined|SLUICE_DEBUG/);
  expect(message.trim()).toMatch(/[.:]?\S$/);
}
