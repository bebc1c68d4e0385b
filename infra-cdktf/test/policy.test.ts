import { describe, expect, it } from 'vitest';
import { environments } from '../config/index.ts';
import { production } from '../config/production.ts';
import { judge } from '../policy/judge.ts';
import type { Subject } from '../policy/resource.ts';
import { rules } from '../policy/rules/index.ts';
import { isResolved, resolvedSubject, synthesizedSubject } from '../policy/subjects.ts';
import { suppressions } from '../policy/suppressions.ts';
import { mutations } from './mutations.ts';

/** Providers and lifecycles are part of the configuration, not of the state. */
const synthesizedOnly = ['tags', 'account-pinned', 'prevent-destroy'];

const views = [
  { view: 'as synthesized', read: synthesizedSubject, present: () => true, has: rules },
  {
    view: 'as applied',
    read: resolvedSubject,
    present: isResolved,
    has: rules.filter(({ id }) => !synthesizedOnly.includes(id)),
  },
];

describe.each(views)('policy, $view', ({ read, present, has }) => {
  describe.each(environments.map((env) => ({ name: env.name, env })))('$name', ({ env }) => {
    it.skipIf(!present(env))('breaks no rule', () => {
      expect(judge(read(env), has, suppressions).violations).toEqual([]);
    });
  });

  it.skipIf(!environments.every(present))('uses every suppression', () => {
    const used = environments.flatMap((env) => judge(read(env), has, suppressions).used);
    expect(suppressions.filter((suppression) => !used.includes(suppression))).toEqual([]);
  });

  it.skipIf(!present(production)).each(has.map((rule) => ({ id: rule.id, says: rule.says, rule })))(
    '$id: $says; notices when not',
    ({ id, rule }) => {
      const mutated = clone(read(production));
      expect(mutations[id], `a mutation that breaks ${id}`).toBeDefined();
      const before = judge(mutated, [rule], suppressions).violations;
      mutations[id]?.(mutated.resources);
      expect(before).toEqual([]);
      expect(judge(mutated, [rule], suppressions).violations).not.toEqual([]);
    },
  );
});

describe('suppressions', () => {
  it('have a reason each', () => {
    expect(suppressions.filter(({ reason }) => reason.length < 20)).toEqual([]);
  });

  it('are reported when nothing needs them', () => {
    const idle = {
      rule: 'names',
      resource: 'storage/aws_s3_bucket.none',
      reason: 'hides nothing at all, for this test',
    };
    expect(judge(synthesizedSubject(production), rules, [...suppressions, idle]).used).not.toContain(idle);
  });
});

function clone({ resources, env }: Subject): {
  resources: Subject['resources'][number][];
  env: Subject['env'];
} {
  return { resources: structuredClone([...resources]), env };
}
