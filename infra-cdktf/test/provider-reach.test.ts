import { beforeAll, describe, expect, it } from 'vitest';
import type { Environment } from '../config/environment.ts';
import { environments } from '../config/index.ts';
import { verbs } from '../policy/calls/call.ts';
import { callTable } from '../policy/calls/index.ts';
import { deployWorkflowCalls } from '../policy/calls/workflows.ts';
import { matches } from '../policy/iam.ts';
import { serviceOf } from '../policy/reference.ts';
import { requestsOf } from '../policy/requests.ts';
import { isAllowed } from '../policy/simulate.ts';
import { isResolved } from '../policy/subjects.ts';
import { deployed, learnCalls, requests, statementsOf, workflow } from './ci-requests.ts';

beforeAll(learnCalls);

const [dev, staging] = environments;

/** What IAM cannot narrow: by its reference the action takes no tag, or the thing has none. */
const shared: Readonly<Record<string, string>> = {
  'ec2:DeleteNetworkInterface': 'what a function left has no tags; an attached one cannot be deleted',
  'emr-serverless:TagResource': 'an application has no tag while it is made; another one has',
  'redshift-serverless:TagResource': 'a namespace has no tag while it is made; another one has',
  'glue:CreateConnection': 'authorised on the catalog alone; changing and deleting go by name',
  'iam:CreateServiceLinkedRole': 'there is one for the account',
  'route53:AssociateVPCWithHostedZone': 'zones are made by Cloud Map, without tags',
  'route53:DeleteHostedZone': 'zones are made by Cloud Map, without tags; one with records stays',
  'application-autoscaling:*': 'a target has an id of its own; scaling takes nothing away',
  'secretsmanager:*': "administrators' secrets, named by RDS and Redshift; a value needs a key with the tag",
};
const isShared = (action: string): boolean => action in shared || `${serviceOf(action)}:*` in shared;

/** The actions of calls on another environment's resources that a deploy role is allowed. A call is refused when one of its resources is. */
function reached(by: Environment, of: Environment): string[] {
  const statements = statementsOf(by, 'deploy');
  const calls = deployed(of).resources.flatMap((resource) =>
    (['create', 'update', 'delete'] as const).flatMap((verb) =>
      (callTable[resource.type]?.[verb] ?? [])
        .filter(({ action }) => !/:(Describe|List|Get)/.test(action))
        .map((call) => ({ call, asked: requestsOf(of, verb, call, resource) })),
    ),
  );
  expect(calls.length).toBeGreaterThan(1000);
  return calls
    .filter(({ asked }) => asked.some(({ resource }) => resource !== '*'))
    .filter(({ asked }) => asked.every((request) => isAllowed(statements, request)))
    .map(({ call }) => call.action);
}

it.skipIf(!dev || !staging || !isResolved(dev) || !isResolved(staging))(
  'the deploy role of an environment changes nothing of another one in the account',
  () => {
    if (!dev || !staging) return;
    const actions = new Set(reached(dev, staging));
    expect([...actions].filter((action) => !isShared(action))).toEqual([]);
    expect(new Set(reached(dev, dev)).size).toBeGreaterThan(150);
  },
);

/** `ec2:CreateVpc …`: an action in one statement, without which the role would still be allowed all calls. */
function idleRights(env: Environment): string[] {
  const asked = [...requests(env, verbs), ...workflow(env, deployWorkflowCalls)];
  const statements = statementsOf(env, 'deploy');
  return statements
    .filter(({ effect }) => effect === 'Allow')
    .flatMap((statement) =>
      statement.actions
        .filter((action) => {
          const less = statements.map((each) =>
            each === statement
              ? { ...each, actions: each.actions.filter((other) => other !== action) }
              : each,
          );
          const touched = asked.filter(([, request]) => matches(action, request.action, 'i'));
          return touched.every(([, request]) => isAllowed(less, request));
        })
        .map((action) => `${action} under ${JSON.stringify(Object.keys(statement.condition))}`),
    );
}

describe.skipIf(!environments.every(isResolved))('a right of the deploy role that is taken away', () => {
  it('is missed, whichever it is: every right has a call that needs it, in some environment', () => {
    const idle = environments.filter((env) => env !== staging).map((env) => new Set(idleRights(env)));
    const [first = new Set<string>()] = idle;
    expect([...first].filter((right) => idle.every((rights) => rights.has(right)))).toEqual([]);
  });
});
