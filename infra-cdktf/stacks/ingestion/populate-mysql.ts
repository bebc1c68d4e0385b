import type { Construct } from 'constructs';
import type { Environment } from '../../config/environment.ts';
import { nodeFunction, type NodeFunction } from '../../constructs/node-function.ts';
import { decryptWith, readSecrets } from '../../constructs/permissions.ts';
import type { SourceDatabase } from '../sources/source-database.ts';
import type { IngestionDependencies } from './dependencies.ts';

/** Fills the retail tables when it is called: `aws lambda invoke --function-name sluice-<env>-populate-mysql …`. */
export function populateMysql(
  scope: Construct,
  env: Environment,
  { storage, network }: IngestionDependencies,
  source: SourceDatabase,
): NodeFunction {
  return nodeFunction(scope, 'populate-mysql', {
    env,
    description: 'Fills the MySQL source with generated sales',
    keyArn: storage.keys.operations.arn,
    timeoutSeconds: 300,
    subnetIds: network.subnets.private,
    group: network.securityGroups.functions,
    environment: { OWNER_SECRET_ARN: source.secrets.owner.arn },
    statements: [
      readSecrets([source.secrets.owner.arn]),
      decryptWith([storage.keys.secrets.arn], ['secretsmanager'], env.region),
    ],
  });
}
