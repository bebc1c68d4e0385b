// The steps that both set-up scripts are made of. Plain Node, no dependency.
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const ROOT = import.meta.dirname;
/** Takes everything that is installed, but for the npm packages. */
export const TOOLS = join(process.env.SLUICE_PROJECT ?? ROOT, '.tools');

export const MAVEN = 'https://repo1.maven.org/maven2';

export function say(what) {
  console.error(`setup: ${what} …`);
}

export function read(path) {
  return readFileSync(join(ROOT, path), 'utf8');
}

/** Whether a program is there and runs. */
export function works(command, ...args) {
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0;
}

/** @throws {Error} with the message where the program fails */
export function run(command, args, message, env = {}) {
  try {
    execFileSync(command, args, {
      cwd: ROOT,
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, ...env },
    });
  } catch {
    throw new Error(message);
  }
}

/** Does the work unless it was done for these inputs before, and what it made is still there. */
export function once(name, inputs, product, work) {
  const stamp = join(TOOLS, `${name}.stamp`);
  const digest = createHash('sha256').update(inputs.join('\0')).digest('hex');
  if (existsSync(product) && existsSync(stamp) && readFileSync(stamp, 'utf8') === digest) return;
  work();
  writeFileSync(`${stamp}.new`, digest);
  renameSync(`${stamp}.new`, stamp);
}

/**
 * A Python environment of its own, below `.tools`.
 * @param {{ name: string, requirements: string, program: string, what: string, before: number }} options `program` is what it
 * is for, `before` the first minor version of Python 3 that is too new
 */
export function pythonEnvironment({ name, requirements, program, what, before }) {
  const home = join(TOOLS, name);
  once(name, [read(requirements)], join(home, 'bin', program), () => {
    const python = pythonCommand(before);
    say(`installing ${what} with ${python}`);
    rmSync(home, { recursive: true, force: true });
    run(
      python,
      ['-m', 'venv', home],
      `${python} cannot make a virtual environment. On Debian: apt-get install python3-venv.`,
    );
    pip(home, ['-r', requirements]);
  });
}

export function pip(home, args) {
  run(
    join(home, 'bin', 'python'),
    ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...args],
    'pip install failed. Check the network, then try again.',
  );
}

function pythonCommand(before) {
  const version = `import sys, venv; sys.exit(not (3, 10) <= sys.version_info < (3, ${before}))`;
  const newest = Array.from({ length: before - 10 }, (_, at) => `python3.${before - 1 - at}`);
  const found = ['python3', ...newest, 'python'].find((name) => works(name, '-c', version));
  if (found) return found;
  throw new Error(
    `No Python 3.10 to 3.${before - 1} with venv on PATH. Install one (Debian: apt-get install python3-venv; macOS: brew install python@3.12).`,
  );
}

/** @throws {Error} with the address and what to do, where it cannot be had */
export async function download(url) {
  let answer;
  try {
    answer = await fetch(url);
    if (answer.ok) return Buffer.from(await answer.arrayBuffer());
  } catch (error) {
    throw new Error(
      `${url} cannot be downloaded (${error.cause?.code ?? error.message}). Check the network, then try again.`,
      { cause: error },
    );
  }
  throw new Error(`${url} answers ${answer.status}. Check the network, then try again.`);
}
