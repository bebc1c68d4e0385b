import { IamPolicy } from '@cdktf/provider-aws/lib/iam-policy/index.js';
import { IamRole } from '@cdktf/provider-aws/lib/iam-role/index.js';
import { IamRolePolicyAttachment } from '@cdktf/provider-aws/lib/iam-role-policy-attachment/index.js';
import type { Construct } from 'constructs';
import type { Environment } from '../../config/environment.ts';
import { policyDocument } from '../../constructs/policy-document.ts';
import { nameOf } from '../../names.ts';
import { computeStatements } from './deploy-compute.ts';
import { dataStatements } from './deploy-data.ts';
import { databaseStatements } from './deploy-databases.ts';
import { identityStatements } from './deploy-identity.ts';
import { networkStatements } from './deploy-network.ts';
import { githubTrust } from './github-trust.ts';
import { writeState } from './state-access.ts';

/** For jobs in the repository's environment of the same name, which asks people for approval. Reaches what carries the environment's name. */
export function deployRole(scope: Construct, env: Environment, providerArn: string): void {
  const id = `deploy-${env.name}`;
  const role = new IamRole(scope, id, {
    name: nameOf(env, 'deploy'),
    description: `Deployment of ${env.name} by CI`,
    maxSessionDuration: 2 * 3600,
    assumeRolePolicy: githubTrust(env, providerArn, [`environment:${env.name}`]),
  });
  // IAM allows 6,144 characters a policy.
  const parts = {
    network: networkStatements(env),
    compute: computeStatements(env),
    databases: [...writeState(env), ...databaseStatements(env)],
    data: dataStatements(env),
    identity: identityStatements(env),
  };
  for (const [part, statements] of Object.entries(parts)) {
    const policy = new IamPolicy(scope, `${id}-${part}`, {
      name: nameOf(env, `deploy-${part}`),
      policy: policyDocument(statements),
    });
    new IamRolePolicyAttachment(scope, `${id}-${part}-attachment`, {
      role: role.name,
      policyArn: policy.arn,
    });
  }
}
