import { beforeAll, describe, expect, it } from 'vitest';
import { environments } from '../config/index.ts';
import { verbs } from '../policy/calls/call.ts';
import { callTable } from '../policy/calls/index.ts';
import { deployWorkflowCalls, planWorkflowCalls } from '../policy/calls/workflows.ts';
import { actionNamed, typesOf } from '../policy/reference.ts';
import { requestsOf } from '../policy/requests.ts';
import { isAllowed } from '../policy/simulate.ts';
import { isResolved } from '../policy/subjects.ts';
import { unnarrowed } from '../policy/unnarrowed.ts';
import { denied, deployed, everyCall, learnCalls, requests, statementsOf, workflow } from './ci-requests.ts';

beforeAll(learnCalls);

describe('the table of calls', () => {
  it('names actions that exist, each on a kind of resource that AWS authorises it on', () => {
    const [env] = environments;
    if (!env) throw new Error('no environment');
    const wrong = everyCall.flatMap((call) => {
      const action = actionNamed(call.action);
      if (!action) return [`${call.action} does not exist`];
      return (
        call.on
          .map((template) => template.replace(/^\{\?\w+\}/, ''))
          // An ARN that an attribute holds is what the mocked apply made of it.
          .filter((template) => !/^\{\w[\w.]*\}$/.test(template))
          .flatMap((template) => {
            const sample = template
              .replace('parameter{name}', 'parameter/x')
              .replace('kms:{name}', 'kms:alias/x')
              .replace(/\{(?!project|environment|account|region|state)[\w.]+\}/g, 'x');
            return requestsOf(env, 'read', { action: call.action, on: [sample] })
              .filter(({ resource }) =>
                resource === '*'
                  ? action.resourceTypes.length > 0 && !(call.action in unnarrowed)
                  : typesOf(action, resource).length === 0,
              )
              .map(({ resource }) => `${call.action} is not authorised on ${resource}`);
          })
      );
    });
    expect([...new Set(wrong)]).toEqual([]);
  });
});

describe.each(environments.map((env) => ({ name: env.name, env })))(
  'what CI may do, $name as applied',
  ({ env }) => {
    const run = it.skipIf(!isResolved(env));

    run('every type of resource has its calls in the table', () => {
      const types = new Set(deployed(env).resources.map(({ type }) => type));
      expect([...types].filter((type) => callTable[type] === undefined)).toEqual([]);
    });

    run('the deploy role may create, read, change and destroy every resource', () => {
      const asked = requests(env, verbs);
      expect(asked.length).toBeGreaterThan(1500);
      expect(denied(statementsOf(env, 'deploy'), [...asked, ...workflow(env, deployWorkflowCalls)])).toEqual(
        [],
      );
    });

    run('the plan role may read every resource', () => {
      const asked = [...requests(env, ['read']), ...workflow(env, planWorkflowCalls)];
      expect(denied(statementsOf(env, 'plan'), asked)).toEqual([]);
    });

    run('the plan role may change nothing', () => {
      const reads = new Set(requests(env, ['read']).map(([, { action }]) => action));
      const writes = requests(env, ['create', 'update', 'delete']).filter(
        ([, { action }]) => !reads.has(action) && !/:(Describe|List|Get)/.test(action),
      );
      expect(writes.length).toBeGreaterThan(500);
      const statements = statementsOf(env, 'plan');
      expect(writes.filter(([, request]) => isAllowed(statements, request)).map(([what]) => what)).toEqual(
        [],
      );
    });
  },
);
