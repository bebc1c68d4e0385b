import { describe, expect, it } from 'vitest';
import { dev } from '../config/dev.ts';
import { staging } from '../config/staging.ts';
import { stacksOf } from '../terraform/harness.ts';
import { readStack, synthesizedFolder, type JsonObject } from '../terraform/synthesized.ts';

/** Attributes whose value exists once per account and region, or once in the world. */
const identities = [
  'alarm_name',
  'bucket',
  'dashboard_name',
  'endpoint_id',
  'function_name',
  'identifier',
  'name',
  'namespace_name',
  'replication_instance_id',
  'replication_subnet_group_id',
  'replication_task_id',
  'workgroup_name',
];
/** Names within something that belongs to one environment. */
const local = new Set(['aws_iam_role_policy', 'aws_appautoscaling_policy', 'aws_service_discovery_service']);

function identitiesOf(stacks: readonly string[]): string[] {
  return stacks.flatMap((name) =>
    Object.entries(readStack(synthesizedFolder, name).resource ?? {})
      .filter(([type]) => !local.has(type))
      .flatMap(([type, resources]) => Object.values(resources).flatMap((values) => identity(type, values))),
  );
}

function identity(type: string, values: JsonObject): string[] {
  return identities
    .map((key) => values[key])
    .filter((value): value is string => typeof value === 'string' && !value.includes('${'))
    .map((value) => `${type} ${value}`);
}

const own = (env: typeof dev): string[] => stacksOf(env).filter((stack) => !stack.includes('-account-'));

describe('two environments in one account', () => {
  it('are in one account in the configuration that this is tested with', () => {
    expect(dev.account).toBe(staging.account);
  });

  it('have no name in common', () => {
    const mine = new Set(identitiesOf(own(dev)));
    expect(mine.size).toBeGreaterThan(150);
    expect(identitiesOf(own(staging)).filter((name) => mine.has(name))).toEqual([]);
  });

  it('keep their states apart', () => {
    const keys = [...own(dev), ...own(staging)].map((stack) =>
      JSON.stringify(readStack(synthesizedFolder, stack).terraform['backend']),
    );
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('share one account stack with roles for both', () => {
    const [account] = stacksOf(staging).filter((stack) => stack.includes('-account-'));
    const roles = Object.keys(readStack(synthesizedFolder, account ?? '').resource?.['aws_iam_role'] ?? {});
    expect(roles).toEqual(
      expect.arrayContaining(['plan-dev', 'deploy-dev', 'plan-staging', 'deploy-staging']),
    );
  });
});
