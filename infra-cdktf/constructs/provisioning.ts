import { IamRolePolicy } from '@cdktf/provider-aws/lib/iam-role-policy/index.js';
import { LambdaInvocation } from '@cdktf/provider-aws/lib/lambda-invocation/index.js';
import type { ITerraformDependable } from 'cdktf';
import type { Construct } from 'constructs';
import type { ProvisionRequest } from '../functions/provision/request.ts';
import type { NodeFunction } from './node-function.ts';
import { readSecrets } from './permissions.ts';
import { allow, policyDocument, type Statement } from './policy-document.ts';

export interface Provisioning {
  readonly by: NodeFunction;
  readonly request: ProvisionRequest;
  readonly statements?: readonly Statement[];
  readonly after: readonly ITerraformDependable[];
}

/** Has the provision function make databases and users, once and again whenever the request changes. */
export function provision(
  scope: Construct,
  what: string,
  { by, request, statements = [], after }: Provisioning,
): LambdaInvocation {
  const targets = request.users.map((user) => user.secretArn);
  const permission = new IamRolePolicy(scope, `provision-${what}-policy`, {
    name: `provision-${what}`,
    role: by.role.name,
    policy: policyDocument([
      readSecrets([request.adminSecretArn, ...targets]),
      allow(['secretsmanager:PutSecretValue'], targets),
      ...statements,
    ]),
  });
  const input = JSON.stringify(request);
  return new LambdaInvocation(scope, `provision-${what}`, {
    functionName: by.lambda.functionName,
    input,
    triggers: { request: input },
    lifecycleScope: 'CREATE_ONLY',
    dependsOn: [permission, ...after],
  });
}
