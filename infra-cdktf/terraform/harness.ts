import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Environment } from '../config/environment.ts';
import { mockValues } from './mock-values.ts';
import { moduleOf } from './stack-module.ts';
import type { ArnAttributes } from './schema.ts';
import { readStack, synthesizedFolder, type JsonObject } from './synthesized.ts';

/** The synthesized stacks of an environment, and its account's. */
export function stacksOf(env: Environment): string[] {
  const prefixes = [`${env.project}-${env.name}-`, `${env.project}-account-${env.account}`];
  return readdirSync(synthesizedFolder)
    .filter((stack) => prefixes.some((prefix) => stack.startsWith(prefix)))
    .sort();
}

/** Every stack of an environment as a module of one configuration, wired as the remote states would wire them. */
export function writeModules(folder: string, env: Environment): void {
  rmSync(join(folder, 'modules'), { recursive: true, force: true });
  const calls: JsonObject = {};
  let versions: JsonObject = {};
  let provider: JsonObject = {};
  for (const stack of stacksOf(env)) {
    const synthesized = readStack(synthesizedFolder, stack);
    const { source, inputs } = moduleOf(synthesized);
    write(join(folder, 'modules', stack, 'main.tf.json'), source);
    const variables = Object.keys(synthesized.variable ?? {}).map((name): [string, string] => [name, 'test']);
    const outputs = Object.entries(inputs).map(([name, producer]): [string, string] => [
      name,
      `\${module.${producer}}`,
    ]);
    calls[stack] = { source: `./modules/${stack}`, ...Object.fromEntries([...variables, ...outputs]) };
    provider = synthesized.provider;
    versions = { required_providers: synthesized.terraform['required_providers'] ?? {} };
  }
  write(join(folder, 'main.tf.json'), {
    terraform: versions,
    provider,
    module: calls,
  });
}

/** A test that applies the modules; the mocked AWS answers with an ARN of its own for every resource. */
export function writeApplyTest(folder: string, env: Environment, arns: ArnAttributes): void {
  const overrides = stacksOf(env).flatMap((stack) =>
    Object.entries(readStack(synthesizedFolder, stack).resource ?? {}).flatMap(([type, resources]) =>
      Object.entries(resources).map(([id, resource]) => ({
        target: `module.${stack}.${type}.${id}`,
        values: mockValues(env, type, id, resource, arns),
      })),
    ),
  );
  write(join(folder, 'tests', 'apply.tftest.json'), {
    mock_provider: { aws: {} },
    override_resource: overrides.filter(({ values }) => Object.keys(values).length > 0),
    run: { apply: { command: 'apply' } },
  });
}

function write(path: string, content: JsonObject): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, JSON.stringify(content, null, 2));
}
