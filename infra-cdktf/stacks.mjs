#!/usr/bin/env node
/**
 * Runs Terraform over the synthesized stacks of an environment in the order of their dependencies; plain Terraform, so that CI needs
 * neither the CDKTF command line nor its maker.
 *
 *   node stacks.mjs plan|drift|apply|destroy <environment> [--stack <kind> …] [--var name=value …]
 *
 * plan shows; drift fails when reality differs; destroy goes backwards.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const output = join(import.meta.dirname, 'cdktf.out');
const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    stack: { type: 'string', multiple: true, default: [] },
    var: { type: 'string', multiple: true, default: [] },
  },
});
const [verb, environment] = positionals;

const commands = {
  plan: ['plan', '-input=false', '-lock=false'],
  drift: ['plan', '-input=false', '-lock=false', '-detailed-exitcode'],
  apply: ['apply', '-input=false', '-auto-approve'],
  destroy: ['destroy', '-input=false', '-auto-approve'],
};

function ordered(stacks) {
  const done = [];
  const visit = (name) => {
    if (done.includes(name) || !stacks[name]) return;
    stacks[name].dependencies.forEach(visit);
    done.push(name);
  };
  Object.keys(stacks).forEach(visit);
  return done;
}

/** Only a stack that asks for a variable may be given it. */
function variablesFor(folder) {
  const { variable = {} } = JSON.parse(readFileSync(join(folder, 'cdk.tf.json'), 'utf8'));
  return values.var.filter((each) => each.split('=')[0] in variable).map((each) => `-var=${each}`);
}

function terraform(folder, ...args) {
  return spawnSync('terraform', [`-chdir=${folder}`, ...args], { stdio: 'inherit' }).status ?? 1;
}

function main() {
  if (!commands[verb] || !environment) {
    console.error(
      'usage: node stacks.mjs plan|drift|apply|destroy <environment> [--stack kind] [--var name=value]',
    );
    return 2;
  }
  const { stacks } = JSON.parse(readFileSync(join(output, 'manifest.json'), 'utf8'));
  const all = ordered(stacks).filter(
    (name) => name.includes(`-${environment}-`) && !name.includes('-account-'),
  );
  const chosen = all.filter(
    (name) =>
      values.stack.length === 0 || values.stack.some((kind) => name.endsWith(`-${environment}-${kind}`)),
  );
  if (chosen.length === 0) {
    console.error(
      `no synthesized stack of ${environment}${values.stack.length > 0 ? ` called ${values.stack.join(', ')}` : ''}: run npm run synth`,
    );
    return 2;
  }
  let result = 0;
  for (const name of verb === 'destroy' ? chosen.reverse() : chosen) {
    console.log(`\n== ${verb} ${name}`);
    const folder = join(output, 'stacks', name);
    const status =
      terraform(folder, 'init', '-input=false') ||
      terraform(folder, ...commands[verb], ...variablesFor(folder));
    result = Math.max(result, status);
    // A plan or a drift check goes on to show everything; a change stops at the first failure.
    if (status !== 0 && (verb === 'apply' || verb === 'destroy')) break;
  }
  return result;
}

process.exitCode = main();
