import type { AthenaWorkgroup } from '@cdktf/provider-aws/lib/athena-workgroup/index.js';
import { QuicksightDataSource } from '@cdktf/provider-aws/lib/quicksight-data-source/index.js';
import type { Construct } from 'constructs';
import type { Environment } from '../../config/environment.ts';
import { nameOf } from '../../names.ts';

/** Athena as a data source; the account's QuickSight subscription itself is bought by hand. */
export function quickSight(scope: Construct, env: Environment, workgroup: AthenaWorkgroup): void {
  new QuicksightDataSource(scope, 'quicksight-lake', {
    awsAccountId: env.account,
    dataSourceId: nameOf(env, 'lake'),
    name: nameOf(env, 'lake'),
    type: 'ATHENA',
    parameters: { athena: { workGroup: workgroup.name } },
    sslProperties: { disableSsl: false },
  });
}
