import { LambdaInvocation } from '@cdktf/provider-aws/lib/lambda-invocation/index.js';
import { Fn, Token } from 'cdktf';
import type { Construct } from 'constructs';
import type { Environment } from '../../config/environment.ts';
import { databaseAuthority } from '../../constructs/database.ts';
import { nodeFunction, type NodeFunction } from '../../constructs/node-function.ts';
import { allow } from '../../constructs/policy-document.ts';
import type { AuthorityRequest } from '../../functions/database-authority/index.ts';
import { arnOf, nameOf } from '../../names.ts';
import type { IngestionDependencies } from './dependencies.ts';

export interface Authority {
  readonly arn: string;
  readonly by: NodeFunction;
}

/** The authority of RDS as a certificate in DMS, which for MySQL knows no TLS without one; fetched by a function, gone with the stack. */
export function authorityInDms(
  scope: Construct,
  env: Environment,
  { storage, network }: IngestionDependencies,
): Authority {
  const by = nodeFunction(scope, 'database-authority', {
    env,
    description: 'Has DMS know the authority that signs the databases',
    keyArn: storage.keys.operations.arn,
    timeoutSeconds: 60,
    subnetIds: network.subnets.private,
    group: network.securityGroups.functions,
    statements: [
      allow(
        ['dms:AddTagsToResource', 'dms:DeleteCertificate', 'dms:ImportCertificate'],
        [arnOf(env, 'dms', 'cert:*')],
      ),
      allow(['dms:DescribeCertificates'], ['*']),
    ],
  });
  const request: AuthorityRequest = {
    identifier: nameOf(env, 'rds'),
    authority: databaseAuthority.subject,
    tags: { Project: env.project, Environment: env.name },
  };
  const made = new LambdaInvocation(scope, 'database-authority-in-dms', {
    functionName: by.lambda.functionName,
    input: JSON.stringify(request),
    lifecycleScope: 'CRUD',
  });
  return { arn: Token.asString(Fn.jsondecode(made.result)), by };
}
