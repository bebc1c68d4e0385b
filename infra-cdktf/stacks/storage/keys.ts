import type { KmsKey } from '@cdktf/provider-aws/lib/kms-key/index.js';
import type { Construct } from 'constructs';
import type { Environment } from '../../config/environment.ts';
import { key, usedBy, usedByEventBridge, usedByLogs } from '../../constructs/key.ts';

/** One key per sensitivity, so that a role which may see metrics cannot see customers. */
export interface Keys {
  /** Data as it was extracted, personal data included: bronze, source databases. */
  readonly raw: KmsKey;
  /** Cleaned data and query results: silver, gold, warehouse, Athena. */
  readonly curated: KmsKey;
  /** Logs, alerts, queues, scripts, images, the ledger. */
  readonly operations: KmsKey;
  /** Credentials. */
  readonly secrets: KmsKey;
}

export function keys(scope: Construct, env: Environment): Keys {
  const { account, region } = env;
  const publishers = [
    'cloudwatch.amazonaws.com',
    'budgets.amazonaws.com',
    'sns.amazonaws.com',
    'sqs.amazonaws.com',
  ];
  return {
    raw: key(scope, 'raw', { env, description: 'Data as extracted, personal data included' }),
    curated: key(scope, 'curated', { env, description: 'Cleaned data, warehouse, query results' }),
    operations: key(scope, 'operations', {
      env,
      description: 'Logs, alerts, queues, scripts, images, ledger',
      statements: [usedBy(publishers, account), usedByEventBridge(), usedByLogs(region, account)],
    }),
    secrets: key(scope, 'secrets', { env, description: 'Credentials' }),
  };
}
