#!/usr/bin/env node
/**
 * Tries the way out of CDKTF (docs/decisions/0020-cdktf.md): with its successor in its place, does synth write the same Terraform?
 * Needs the npm registry, and what `node test.mjs` has synthesized. Changes nothing here: works on a copy.
 *
 *   node way-out.mjs
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const successor = { cdktf: 'npm:cdktn@0.24.0', constructs: '10.6.0' };
const root = import.meta.dirname;
const repository = mkdtempSync(join(tmpdir(), 'sluice-way-out-'));
const copy = join(repository, 'infra-cdktf');

function run(command, ...args) {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: copy, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}\n${stdout}${stderr}`);
}

/** Without what names its writer. */
function stackOf(folder, stack) {
  const { '//': _, ...content } = JSON.parse(readFileSync(join(folder, stack, 'cdk.tf.json'), 'utf8'));
  return JSON.stringify(content);
}

try {
  const skipped = ['node_modules', 'cdktf.out'].map((name) => join(root, name));
  cpSync(root, copy, { recursive: true, filter: (path) => !skipped.includes(path) });
  for (const name of ['package.json', 'node_modules', 'core', 'connectors'])
    symlinkSync(join(root, '..', name), join(repository, name));
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  Object.assign(manifest.dependencies, successor);
  delete manifest.devDependencies['cdktf-cli'];
  writeFileSync(join(copy, 'package.json'), JSON.stringify(manifest));
  // With the lock file: everything else stays at its version. The old bindings ask for `cdktf` by its version.
  run('npm', 'install', '--legacy-peer-deps', '--no-audit', '--no-fund');
  run('npx', 'tsc');
  run('npx', 'tsx', 'main.ts');
  const [before, after] = [join(root, 'cdktf.out/stacks'), join(copy, 'cdktf.out/stacks')];
  const stacks = readdirSync(before);
  const different = stacks.filter((stack) => stackOf(before, stack) !== stackOf(after, stack));
  console.log(`${stacks.length} stacks, ${different.length} different: ${different.join(', ') || 'none'}`);
  process.exitCode = different.length > 0 || readdirSync(after).length !== stacks.length ? 1 : 0;
} finally {
  rmSync(repository, { recursive: true, force: true });
}
