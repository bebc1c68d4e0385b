import { existsSync, readFileSync } from 'node:fs';
import type { Environment } from '../config/environment.ts';
import { stacksOf } from '../terraform/harness.ts';
import { readStack, synthesizedFolder, type JsonObject } from '../terraform/synthesized.ts';
import type { Resource, Subject } from './resource.ts';

/** The environment as it was synthesized, its account's stack included; providers count as resources. */
export function synthesizedSubject(env: Environment): Subject {
  const resources = stacksOf(env).flatMap((name): Resource[] => {
    const stack = kindOf(env, name);
    const { resource = {}, provider } = readStack(synthesizedFolder, name);
    const providers = provider.aws.map((values): Resource => ({
      stack,
      type: 'provider',
      id: 'aws',
      values,
    }));
    const made = Object.entries(resource).flatMap(([type, byId]) =>
      Object.entries(byId).map(([id, values]): Resource => ({ stack, type, id, values })),
    );
    return [...providers, ...made];
  });
  return { resources, env };
}

interface StateModule {
  readonly address: string;
  readonly resources?: readonly {
    readonly type: string;
    readonly name: string;
    readonly values: JsonObject;
  }[];
}

export function resolvedFile(env: Environment): string {
  return `cdktf.out/resolved/${env.name}.json`;
}

export function isResolved(env: Environment): boolean {
  return existsSync(resolvedFile(env));
}

/** The environment as the mocked apply left it: every reference resolved. */
export function resolvedSubject(env: Environment): Subject {
  const { child_modules } = JSON.parse(readFileSync(resolvedFile(env), 'utf8')) as {
    child_modules: readonly StateModule[];
  };
  const resources = child_modules.flatMap(({ address, resources: made = [] }) => {
    const stack = kindOf(env, address.slice('module.'.length));
    return made.map(({ type, name, values }): Resource => ({ stack, type, id: name, values }));
  });
  return { resources, env };
}

function kindOf(env: Environment, stack: string): string {
  const prefix = `${env.project}-${env.name}-`;
  return stack.startsWith(prefix) ? stack.slice(prefix.length) : 'account';
}
