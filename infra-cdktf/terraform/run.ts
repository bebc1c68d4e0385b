import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { arnAttributes, type ArnAttributes } from './schema.ts';

export interface Outcome {
  readonly ok: boolean;
  readonly output: string;
}

const maxOutputBytes = 512 * 1024 * 1024;

export function terraform(folder: string, ...args: readonly string[]): Outcome {
  return terraformWith({}, folder, ...args);
}

function terraformWith(
  settings: Readonly<Record<string, string>>,
  folder: string,
  ...args: readonly string[]
): Outcome {
  const { status, stdout, stderr } = spawnSync('terraform', [...args], {
    cwd: folder,
    env: { ...process.env, ...settings },
    encoding: 'utf8',
    maxBuffer: maxOutputBytes,
  });
  return { ok: status === 0, output: status === 0 ? stdout : `${stdout}\n${stderr}` };
}

/** From the provider itself, once per version. */
export function providerArnAttributes(folder: string, cache: string): ArnAttributes {
  const version = readLocked(folder);
  const file = join(cache, `arn-attributes-${version}.json`);
  if (!existsSync(file)) {
    const schema = execFileSync('terraform', ['providers', 'schema', '-json'], {
      cwd: folder,
      encoding: 'utf8',
      maxBuffer: maxOutputBytes,
    });
    mkdirSync(cache, { recursive: true });
    writeFileSync(file, JSON.stringify(arnAttributes(schema)));
  }
  return JSON.parse(readFileSync(file, 'utf8')) as ArnAttributes;
}

function readLocked(folder: string): string {
  const [, version] =
    /version\s*=\s*"([^"]+)"/.exec(readFileSync(join(folder, '.terraform.lock.hcl'), 'utf8')) ?? [];
  if (version === undefined) throw new Error(`${folder}/.terraform.lock.hcl names no version`);
  return version;
}

interface Diagnostic {
  readonly severity: string;
  readonly summary: string;
  readonly detail: string;
}

interface Line {
  readonly type: string;
  readonly diagnostic?: Diagnostic;
  readonly test_state?: { readonly root_module: unknown };
}

export interface Applied {
  readonly ok: boolean;
  readonly problems: readonly string[];
  /** `root_module` of the state after the apply. */
  readonly state: unknown;
  /** Addresses in the order in which the test took them away at its end. */
  readonly destroyed: readonly string[];
}

/** Applies the harness in `folder` with a mocked AWS, and destroys it. */
export function mockApply(folder: string): Applied {
  const log = resolve(folder, 'core.log');
  rmSync(log, { force: true });
  const settings = { TF_LOG_CORE: 'info', TF_LOG_PATH: log };
  const { ok, output } = terraformWith(settings, folder, 'test', '-json', '-verbose');
  const lines = output
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Line);
  const problems = lines.flatMap(({ diagnostic }) =>
    diagnostic?.severity === 'error' ? [`${diagnostic.summary}: ${diagnostic.detail}`] : [],
  );
  const state = lines.find((line) => line.type === 'test_state')?.test_state?.root_module;
  return {
    ok: ok && state !== undefined,
    problems: problems.length > 0 || ok ? problems : [output],
    state,
    destroyed: destroyedIn(log),
  };
}

/** Terraform's own log says of every address that it is applied: once as it is made, and again as it is destroyed. */
function destroyedIn(log: string): string[] {
  if (!existsSync(log)) return [];
  const made = new Set<string>();
  const found = [...readFileSync(log, 'utf8').matchAll(/Starting apply for (\S+)/g)];
  return found.flatMap(([, address = '']) => {
    if (made.has(address)) return [address];
    made.add(address);
    return [];
  });
}

/** Of everything that decides the outcome. */
export function fingerprint(parts: readonly string[]): string {
  return createHash('sha256').update(parts.join('\0')).digest('hex');
}
