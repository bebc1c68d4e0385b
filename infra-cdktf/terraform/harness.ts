import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Environment } from '../config/environment.ts';
import { mockValues } from './mock-values.ts';
import { moduleOf, type Module } from './module.ts';
import type { ArnAttributes } from './schema.ts';
import { readStack, synthesizedFolder, type Json, type JsonObject, type Synthesized } from './synthesized.ts';

interface Part {
  readonly stack: string;
  readonly synthesized: Synthesized;
  readonly module: Module;
}

/**
 * Writes a Terraform configuration that has every stack of an environment as a module, wired as the remote states would wire them,
 * and a test that applies it with a mocked AWS.
 */
export function writeHarness(folder: string, env: Environment, stacks: readonly string[], arns: ArnAttributes): void {
  const parts = stacks.map((stack): Part => {
    const synthesized = readStack(synthesizedFolder, stack);
    return { stack, synthesized, module: moduleOf(synthesized) };
  });
  rmSync(join(folder, 'modules'), { recursive: true, force: true });
  for (const { stack, module } of parts) {
    write(join(folder, 'modules', stack, 'main.tf.json'), module.source);
  }
  write(join(folder, 'main.tf.json'), root(env, parts));
  write(join(folder, 'tests', 'apply.tftest.json'), applyTest(env, parts, arns));
}

function root(env: Environment, parts: readonly Part[]): JsonObject {
  const modules = parts.map(({ stack, synthesized, module }): [string, JsonObject] => {
    const given = Object.keys(synthesized.variable ?? {}).map((name): [string, string] => [name, 'test']);
    const inputs = Object.entries(module.inputs).map(([name, producer]): [string, string] => [name, `\${module.${producer}}`]);
    return [stack, { source: `./modules/${stack}`, ...Object.fromEntries([...given, ...inputs]) }];
  });
  return {
    terraform: { required_providers: (parts[0]?.synthesized.terraform['required_providers'] ?? {}) as Json },
    provider: { aws: { region: env.region } },
    module: Object.fromEntries(modules),
  };
}

function applyTest(env: Environment, parts: readonly Part[], arns: ArnAttributes): JsonObject {
  const overrides = parts.flatMap(({ stack, synthesized }) =>
    Object.entries(synthesized.resource ?? {}).flatMap(([type, resources]) =>
      Object.entries(resources).map(([id, resource]) => ({
        target: `module.${stack}.${type}.${id}`,
        values: mockValues(env, type, id, resource, arns),
      })),
    ),
  );
  return {
    mock_provider: { aws: {} },
    override_resource: overrides.filter(({ values }) => Object.keys(values).length > 0),
    run: { apply: { command: 'apply' } },
  };
}

function write(path: string, content: JsonObject): void {
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, JSON.stringify(content, null, 2));
}
