import { CloudwatchLogGroup } from '@cdktf/provider-aws/lib/cloudwatch-log-group/index.js';
import type { Construct } from 'constructs';
import type { Environment } from '../../config/environment.ts';
import { key, usedByLogs } from '../../constructs/key.ts';
import { monitoringLogGroup } from '../../constructs/database.ts';
import { glueLogGroups } from '../ingestion/glue-logs.ts';

/** Groups whose names services fix, before they make them: encrypted, and kept as long as the environment that keeps its logs longest wants. */
export function sharedLogs(scope: Construct, owner: Environment, environments: readonly Environment[]): void {
  const logKey = key(scope, 'glue-logs', {
    env: owner,
    description: 'Logs of Glue and of enhanced monitoring',
    statements: [usedByLogs(owner.region, owner.account)],
  });
  for (const name of [...Object.values(glueLogGroups).flat(), monitoringLogGroup]) {
    new CloudwatchLogGroup(scope, name.replace(/^\//, '').replaceAll('/', '-'), {
      name,
      kmsKeyId: logKey.arn,
      retentionInDays: Math.max(...environments.map(({ protection }) => protection.logRetentionDays)),
    });
  }
}
