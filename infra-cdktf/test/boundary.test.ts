import { describe, expect, it } from 'vitest';
import { environments } from '../config/index.ts';
import type { Statement } from '../constructs/policy-document.ts';
import { arnOf, bucketName, nameOf, roleArn } from '../names.ts';
import { identityStatements, matches, type PolicyStatement } from '../policy/iam.ts';
import type { Request } from '../policy/requests.ts';
import { isAllowed } from '../policy/simulate.ts';
import { isResolved } from '../policy/subjects.ts';
import { boundaryStatements } from '../stacks/account/boundary.ts';
import { deployed } from './ci-requests.ts';

describe.each(environments.map((env) => ({ name: env.name, env })))(
  'the permissions boundary, $name',
  ({ env }) => {
    const run = it.skipIf(!isResolved(env));

    /** Statements that allow what IAM is asked, as patterns: whatever a workload's pattern stands for, one of the boundary's does too. */
    run('takes nothing away from a workload', () => {
      const subject = deployed(env);
      const limits = boundaryStatements(env);
      const cut = identityStatements(subject)
        .filter(({ effect }) => effect === 'Allow')
        .flatMap(({ resource, actions, resources }) =>
          actions.flatMap((action) =>
            resources
              .filter(
                (arn) =>
                  !limits.some(
                    (limit) =>
                      limit.Effect === 'Allow' &&
                      limit.Action.some((pattern) => matches(pattern, action, 'i')) &&
                      (limit.Resource ?? []).some((pattern) => matches(pattern, arn)),
                  ),
              )
              .map((arn) => `${resource}: ${action} on ${arn}`),
          ),
        );
      expect(cut).toEqual([]);
    });

    run('lets no workload make identities, take the roles of CI, or reach another environment', () => {
      const statements = boundaryStatements(env).map(asPolicyStatement);
      const other = { ...env, name: 'elsewhere' };
      const ask = (action: string, resource: string, context: Request['context'] = {}): boolean =>
        isAllowed(statements, { action, resource, context });
      for (const action of [
        'CreateRole',
        'PutRolePolicy',
        'AttachRolePolicy',
        'CreateUser',
        'CreateAccessKey',
        'CreatePolicyVersion',
      ])
        expect(`${action} ${ask(`iam:${action}`, roleArn(env, nameOf(env, 'worker')))}`).toBe(
          `${action} false`,
        );
      for (const role of ['deploy', 'plan'])
        for (const service of ['ecs-tasks.amazonaws.com', 'emr-serverless.amazonaws.com'])
          expect(
            ask('iam:PassRole', roleArn(env, nameOf(env, role)), { 'iam:PassedToService': service }),
          ).toBe(false);
      expect(ask('sts:AssumeRole', roleArn(env, nameOf(env, 'deploy')))).toBe(false);
      expect(ask('s3:GetObject', `arn:aws:s3:::${bucketName(other, 'bronze')}/x`)).toBe(false);
      expect(
        ask('kms:Decrypt', arnOf(env, 'kms', 'key/k'), { 'aws:ResourceTag/Environment': 'elsewhere' }),
      ).toBe(false);
      expect(
        ask('kms:Decrypt', arnOf(env, 'kms', 'key/k'), { 'aws:ResourceTag/Environment': env.name }),
      ).toBe(true);
    });
  },
);

function asPolicyStatement(statement: Statement): PolicyStatement {
  return {
    resource: 'boundary',
    effect: statement.Effect,
    actions: statement.Action,
    resources: statement.Resource ?? [],
    condition: JSON.parse(JSON.stringify(statement.Condition ?? {})) as PolicyStatement['condition'],
    principal: undefined,
    inverted: false,
  };
}
