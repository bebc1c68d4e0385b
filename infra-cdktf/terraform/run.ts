import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { arnAttributes, type ArnAttributes } from './schema.ts';

export interface Outcome {
  readonly ok: boolean;
  readonly output: string;
}

const maxOutputBytes = 512 * 1024 * 1024;

export function terraform(folder: string, ...args: readonly string[]): Outcome {
  const { status, stdout, stderr } = spawnSync('terraform', [...args], {
    cwd: folder,
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
}

/** Applies the harness in `folder` with a mocked AWS. */
export function mockApply(folder: string): Applied {
  const { ok, output } = terraform(folder, 'test', '-json', '-verbose');
  const lines = output
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Line);
  const problems = lines.flatMap(({ diagnostic }) =>
    diagnostic?.severity === 'error' ? [`${diagnostic.summary}: ${diagnostic.detail}`] : [],
  );
  const state = lines.find((line) => line.type === 'test_state')?.test_state?.root_module;
  return { ok: ok && state !== undefined, problems: problems.length > 0 || ok ? problems : [output], state };
}

/** Of everything that decides the outcome. */
export function fingerprint(parts: readonly string[]): string {
  return createHash('sha256').update(parts.join('\0')).digest('hex');
}
