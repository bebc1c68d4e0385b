#!/usr/bin/env node
/**
 * Everything that proves the infrastructure without an AWS account, in one command: type check, synth, Terraform with a mocked AWS, tests.
 * Plain Node: installs the packages and the checkers when they are missing. Ends with one line `N passed, N failed, N skipped`.
 */
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { installCheckers, PATH } from './setup.mjs';
import { terraformEnvironment, terraformVersion } from './terraform/find.mjs';

const root = import.meta.dirname;
const cache = join(root, 'node_modules/.cache');
/** In CI a skipped step is a failed one. */
const mustRun = Boolean(process.env.CI);
const total = { passed: 0, failed: 0, skipped: 0 };
const skips = [];

function count(step, ok, detail = '') {
  total[ok ? 'passed' : 'failed'] += 1;
  console.log(`${ok ? '✓' : '✗'} ${step}${detail && (ok ? ` (${detail})` : `\n${detail}`)}`);
  return ok;
}

function skip(step, why) {
  if (mustRun) return count(step, false, `it has to run in CI: ${why}`);
  total.skipped += 1;
  skips.push(`${step}: ${why}`);
  return false;
}

function run(command, args, settings = {}) {
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    env: { ...process.env, FORCE_COLOR: '0', ...settings },
  });
  return { ok: status === 0, stdout: stdout ?? '', output: `${stdout ?? ''}${stderr ?? ''}`.trim() };
}

const tool = (name) => join(root, 'node_modules/.bin', name);

/** Installs what the lock file says, unless that is what is there. */
function install() {
  if (!existsSync(join(root, '../node_modules')))
    return count(
      'packages of the project',
      false,
      'the tests hold the stacks to the application: npm ci in its root first',
    );
  const marker = join(cache, 'installed');
  const wanted = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  if (existsSync(marker) && readFileSync(marker, 'utf8') === wanted) return true;
  console.log('installing the packages of infra-cdktf (once; about a minute) …');
  const { ok, output } = run('npm', ['ci', '--no-audit', '--no-fund']);
  if (!ok) return count('npm ci', false, output);
  mkdirSync(cache, { recursive: true });
  writeFileSync(marker, wanted);
  return true;
}

function typeCheck() {
  const { ok, output } = run(tool('tsc'), []);
  return count('type check', ok, ok ? '' : output);
}

/** Like `run`, beside what goes on here. */
function start(command, args, settings = {}) {
  const env = { ...process.env, FORCE_COLOR: '0', ...settings };
  const child = spawn(command, args, { cwd: root, env });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (output += data));
  return new Promise((resolve) =>
    child.on('close', (status) => resolve({ ok: status === 0, output: output.trim() })),
  );
}

/** The project's ESLint and knip over this folder; its formatting and imports are checked with the whole project's. */
async function lint() {
  for (const [step, name, ...args] of [
    ['lint', 'eslint', '--config', 'lint.config.js', '.'],
    ['no dead code', 'knip'],
  ]) {
    const binary = join(root, '../node_modules/.bin', name);
    if (!existsSync(binary)) {
      skip(step, 'the packages of the project are not installed (npm ci in its root)');
      continue;
    }
    const { ok, output } = await start(binary, args);
    count(step, ok, ok ? '' : output);
  }
}

/** The workflows, by actionlint. */
function workflows() {
  if (!run('actionlint', ['-version'], { PATH }).ok)
    return skip('actionlint', 'it is neither on PATH nor could it be installed');
  const { ok, output } = run('actionlint', [], { PATH });
  return count('actionlint over the workflows', ok, ok ? '' : output);
}

function synth() {
  rmSync(join(root, 'cdktf.out/stacks'), { recursive: true, force: true });
  const { ok, output } = run(tool('tsx'), ['main.ts']);
  return count('synth of every environment', ok, ok ? '' : output);
}

async function terraform() {
  const steps = 'terraform validate, terraform test, rules and IAM matrix on the applied configuration';
  rmSync(join(root, 'cdktf.out/resolved'), { recursive: true, force: true });
  if (terraformVersion() === undefined) return skip(steps, 'there is no terraform on PATH');
  mkdirSync(cache, { recursive: true });
  const { settings, source } = terraformEnvironment(cache);
  console.log(`  terraform ${terraformVersion()}, provider ${source}`);
  const { ok, output } = await start(tool('tsx'), ['terraform/main.ts'], settings);
  const results = output
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line));
  const unavailable = results.find(({ unavailable }) => unavailable);
  if (unavailable)
    return skip(steps, `the AWS provider cannot be had ${source}: ${unavailable.detail.trim()}`);
  for (const result of results)
    count(result.step, result.ok, result.ok ? result.detail : result.detail.trim());
  if (!ok) count('terraform/main.ts', false, output);
  return ok;
}

/** Checkers of other makers over what was applied. */
function checkers() {
  if (!existsSync(join(root, 'cdktf.out/resolved/dev.json')))
    return skip('checkov and tfsec', 'nothing was applied');
  const { stdout, output } = run(tool('tsx'), ['terraform/checkers.ts'], { PATH });
  const results = stdout
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line));
  if (results.length === 0) count('terraform/checkers.ts', false, output);
  for (const { step, ok, unavailable, detail } of results)
    unavailable ? skip(step, detail) : count(step, ok, detail);
}

function tests() {
  const report = join(cache, 'vitest.json');
  rmSync(report, { force: true });
  const { output } = run(tool('vitest'), ['run', '--reporter=json', `--outputFile=${report}`]);
  if (!existsSync(report)) return count('vitest', false, output);
  const { numPassedTests, testResults } = JSON.parse(readFileSync(report, 'utf8'));
  const assertions = testResults.flatMap(({ assertionResults }) => assertionResults);
  const failures = assertions.filter(({ status }) => status === 'failed');
  const broken = testResults.filter(
    ({ status, assertionResults }) =>
      status === 'failed' && assertionResults.every((each) => each.status !== 'failed'),
  );
  total.passed += numPassedTests;
  total.failed += failures.length + broken.length;
  for (const { fullName, failureMessages } of failures)
    console.log(`✗ ${fullName}\n${failureMessages.join('\n')}`);
  for (const { name, message } of broken) console.log(`✗ ${name}\n${message}`);
  const skipped = assertions.filter(({ status }) => status === 'pending' || status === 'skipped');
  total.skipped += skipped.length;
  if (skipped.length > 0)
    skips.push(`${skipped.length} tests of the applied configuration: Terraform did not run`);
  console.log(`${failures.length + broken.length === 0 ? '✓' : '✗'} ${numPassedTests} tests`);
}

async function main() {
  if (!install() || !typeCheck() || !synth()) return;
  for (const problem of installCheckers()) console.log(`  ${problem}`);
  workflows();
  await Promise.all([terraform(), lint()]);
  checkers();
  tests();
}

await main();
if (skips.length > 0) {
  const line = '!'.repeat(100);
  console.log(`\n${line}\nNOT TESTED:\n${skips.map((each) => `  - ${each}`).join('\n')}\n${line}\n`);
}
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exitCode = total.failed > 0 ? 1 : 0;
