import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { environments } from '../config/index.ts';
import type { Environment } from '../config/environment.ts';
import { nameOf } from '../names.ts';
import { validateAsDeployed } from './as-deployed.ts';
import { canary } from './canary.ts';
import { writeApplyTest, writeModules } from './harness.ts';
import { fingerprint, mockApply, providerArnAttributes, terraform } from './run.ts';
import { synthesizedFolder, type JsonObject } from './synthesized.ts';

/**
 * `tsx terraform/main.ts [environment …]`: per environment validates the configuration and applies it with a mocked AWS; leaves the resolved state in
 * `cdktf.out/resolved`. Prints a line of JSON per step: `{"step", "ok", "detail"}`, and `"unavailable"` where there is no provider. Unchanged input that has passed before is not run again.
 */

/** What decides, beside the stacks, what is applied and how it ends. */
const deciding = ['harness.ts', 'main.ts', 'mock-values.ts', 'run.ts', 'schema.ts', 'stack-module.ts'];
const cache = 'node_modules/.cache/terraform';
const resolved = 'cdktf.out/resolved';

function report(step: string, ok: boolean, detail = ''): void {
  console.log(JSON.stringify({ step, ok, detail }));
}

function check(env: Environment): void {
  const folder = join('cdktf.out/terraform', env.name);
  writeModules(folder, env);
  const print = fingerprint([
    versions(),
    ...sources(folder),
    ...deciding.map((file) => readFileSync(join('terraform', file), 'utf8')),
  ]);
  const passed = join(cache, `${env.name}-${print}.json`);
  const target = join(resolved, `${env.name}.json`);
  if (existsSync(passed)) {
    writeFileSync(target, readFileSync(passed));
    report(`terraform validate ${env.name}`, true, 'unchanged since it passed');
    report(`terraform test ${env.name}`, true, 'unchanged since it passed');
    return;
  }
  const init = terraform(folder, 'init', '-input=false', '-no-color');
  if (!init.ok) {
    console.log(
      JSON.stringify({
        step: `terraform init ${env.name}`,
        ok: false,
        unavailable: true,
        detail: init.output,
      }),
    );
    return;
  }
  const valid = terraform(folder, 'validate', '-no-color');
  report(`terraform validate ${env.name}`, valid.ok, valid.ok ? '' : valid.output);
  if (!valid.ok) return;
  writeApplyTest(folder, env, providerArnAttributes(folder, cache));
  const applied = mockApply(folder);
  report(`terraform test ${env.name}`, applied.ok, applied.problems.join('\n'));
  if (!applied.ok) return;
  const text = JSON.stringify({ ...(applied.state as JsonObject), destroyed: named(env, applied.destroyed) });
  writeFileSync(target, text);
  writeFileSync(passed, text);
}

/** `module.sluice-dev-network.aws_vpc.vpc` as the rules call it: `network/aws_vpc.vpc`. */
function named(env: Environment, addresses: readonly string[]): string[] {
  const prefix = nameOf(env, '');
  return addresses.map((address) => {
    const [, stack = '', resource = ''] = /^module\.([\w-]+)\.(.+)$/.exec(address) ?? [];
    return `${stack.startsWith(prefix) ? stack.slice(prefix.length) : 'account'}/${resource}`;
  });
}

/** The mocked apply is worth something only if it refuses what is wrong. */
function checkCanary(): void {
  const step = 'terraform test refuses a role name where an ARN belongs';
  const passed = join(
    cache,
    `canary-${fingerprint([versions(), readFileSync('terraform/canary.ts', 'utf8')])}`,
  );
  if (existsSync(passed)) return report(step, true, 'unchanged since it passed');
  const main = JSON.parse(readFileSync('cdktf.out/terraform/dev/main.tf.json', 'utf8')) as {
    terraform: JsonObject;
  };
  const { valid, applied, problems } = canary('cdktf.out/terraform/canary', main.terraform);
  const ok =
    valid && !applied && problems.some((problem) => problem.includes('ARN') || problem.includes('arn'));
  report(step, ok, ok ? '' : `validate passed: ${valid}, apply passed: ${applied}\n${problems.join('\n')}`);
  if (ok) writeFileSync(passed, '');
}

/** The stack that reads the most others stands for all: they get backend, provider and remote states from the same lines of code. */
function checkAsDeployed(env: Environment): void {
  const stack = nameOf(env, 'orchestration');
  const step = `terraform validate ${stack} with its backend, as it is deployed`;
  const source = readFileSync(join(synthesizedFolder, stack, 'cdk.tf.json'), 'utf8');
  const passed = join(cache, `deployed-${env.name}-${fingerprint([versions(), source])}`);
  if (existsSync(passed)) return report(step, true, 'unchanged since it passed');
  const { ok, output } = validateAsDeployed(join('cdktf.out/terraform', stack), stack);
  report(step, ok, ok ? '' : output);
  if (ok) writeFileSync(passed, '');
}

function versions(): string {
  return terraform('.', 'version', '-json').output;
}

function sources(folder: string): string[] {
  const files = readdirSync(join(folder, 'modules')).map((stack) =>
    join(folder, 'modules', stack, 'main.tf.json'),
  );
  return [join(folder, 'main.tf.json'), ...files].map((file) => readFileSync(file, 'utf8'));
}

mkdirSync(cache, { recursive: true });
mkdirSync(resolved, { recursive: true });
const only = process.argv.slice(2);
for (const env of environments.filter(({ name }) => only.length === 0 || only.includes(name))) check(env);
if (environments.every((env) => existsSync(join(resolved, `${env.name}.json`)))) {
  environments.forEach(checkAsDeployed);
  checkCanary();
}
