import { beforeAll, describe, expect, it } from 'vitest';
import { environments } from '../config/index.ts';
import { identityStatements, type PolicyStatement } from '../policy/iam.ts';
import {
  actionNamed,
  actionsMatching,
  learn,
  overlap,
  sendsKey,
  serviceOf,
  typesOf,
} from '../policy/reference.ts';
import { isObject } from '../policy/resource.ts';
import { isResolved, resolvedSubject } from '../policy/subjects.ts';
import { unnarrowed } from '../policy/unnarrowed.ts';

/** Sent with every call, whatever the action. */
const global = [
  'aws:RequestedRegion',
  'aws:SourceAccount',
  'aws:SourceArn',
  'aws:CalledViaLast',
  'aws:PrincipalTag/',
];
/** Sent by KMS for a key's tags, which the reference lists per key only. */
const holds = (key: string): boolean => global.some((known) => key.startsWith(known));

/** What is wrong with a statement by AWS's service authorization reference. */
export function problemsOf(statement: PolicyStatement): string[] {
  const { resource, actions, resources, condition } = statement;
  return actions.flatMap((pattern) => {
    const names = actionsMatching(pattern);
    if (names.length === 0) return [`${resource}: there is no action ${pattern}`];
    const fitting = names.filter((name) => {
      const action = actionNamed(name);
      if (!action) return false;
      if (action.resourceTypes.length === 0) return resources.includes('*');
      return resources.some((arn) => (arn === '*' ? true : typesOf(action, arn).length > 0));
    });
    return [
      ...(fitting.length === 0 ? [`${resource}: ${pattern} does not support ${resources.join(', ')}`] : []),
      ...conditionKeys(condition)
        .filter((key) => !holds(key))
        .filter((key) =>
          fitting.every((name) => {
            const action = actionNamed(name);
            return (
              !action ||
              !sendsKey(
                action,
                resources.flatMap((arn) => typesOf(action, arn)),
                key,
              )
            );
          }),
        )
        .map((key) => `${resource}: ${pattern} does not send ${key}`),
    ];
  });
}

function conditionKeys(condition: PolicyStatement['condition']): string[] {
  return Object.values(condition).flatMap((wanted) => (isObject(wanted) ? Object.keys(wanted) : []));
}

/** Allowed on `*` although AWS could narrow all that it stands for. */
function tooWide({ resource, effect, actions, resources, condition }: PolicyStatement): string[] {
  if (effect !== 'Allow' || !resources.includes('*') || Object.keys(condition).length > 0) return [];
  const takesResource = (name: string): boolean => (actionNamed(name)?.resourceTypes.length ?? 0) > 0;
  return actions
    .filter((pattern) => actionsMatching(pattern).every(takesResource))
    .filter((pattern) => !(pattern in unnarrowed))
    .map((pattern) => `${resource}: ${pattern} on *`);
}

describe.each(environments.map((env) => ({ name: env.name, env })))(
  'every IAM statement, $name as applied',
  ({ env }) => {
    const run = it.skipIf(!isResolved(env));
    let statements: readonly PolicyStatement[] = [];
    beforeAll(async () => {
      if (!isResolved(env)) return;
      statements = identityStatements(resolvedSubject(env));
      await learn(new Set(statements.flatMap(({ actions }) => actions.map(serviceOf))));
    });

    run(
      'is about actions that exist, on resources that they support, under conditions that they send',
      () => {
        expect(statements.length).toBeGreaterThan(100);
        expect([...new Set(statements.flatMap(problemsOf))]).toEqual([]);
      },
    );

    run('names resources wherever AWS lets it', () => {
      expect([...new Set(statements.flatMap(tooWide))]).toEqual([]);
    });

    run.each([
      {
        broken: { actions: ['glue:CreateCrawler'], resources: ['arn:aws:glue:eu-central-1:1:crawler/x'] },
        says: /does not support/,
      },
      { broken: { actions: ['s3:GetObjekt'] }, says: /no action/ },
      {
        broken: { actions: ['sns:Publish'], resources: ['arn:aws:sqs:eu-central-1:1:x'] },
        says: /does not support/,
      },
      {
        broken: {
          actions: ['servicediscovery:TagResource'],
          condition: { StringEquals: { 'aws:ResourceTag/Environment': 'dev' } },
        },
        says: /does not send aws:ResourceTag/,
      },
    ])('is refused when it is wrong: $broken.actions', ({ broken, says }) => {
      const right: PolicyStatement = {
        resource: 'a policy',
        effect: 'Allow',
        actions: [],
        resources: ['*'],
        condition: {},
        principal: undefined,
        inverted: false,
      };
      expect(problemsOf({ ...right, ...broken }).join()).toMatch(says);
    });
  },
);

it('texts with stars overlap when one text fits both', () => {
  for (const [left, right] of [
    ['a*', '*b'],
    ['', '*'],
    ['a*c', 'abc'],
    ['*', ''],
  ] as const)
    expect(overlap(left, right)).toBe(true);
  for (const [left, right] of [
    ['a', 'b'],
    ['a*c', 'b*'],
    ['', 'a'],
  ] as const)
    expect(overlap(left, right)).toBe(false);
});
