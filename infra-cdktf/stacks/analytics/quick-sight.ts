import type { AthenaWorkgroup } from '@cdktf/provider-aws/lib/athena-workgroup/index.js';
import { QuicksightDataSource } from '@cdktf/provider-aws/lib/quicksight-data-source/index.js';
import type { Construct } from 'constructs';
import type { Environment } from '../../config/environment.ts';
import { nameOf } from '../../names.ts';

/** What an owner may do with a data source. */
const ownerActions = [
  'quicksight:DescribeDataSource',
  'quicksight:DescribeDataSourcePermissions',
  'quicksight:PassDataSource',
  'quicksight:UpdateDataSource',
  'quicksight:DeleteDataSource',
  'quicksight:UpdateDataSourcePermissions',
];

/** Athena as a data source of a group; the account's QuickSight subscription itself is bought by hand. */
export function quickSight(
  scope: Construct,
  env: Environment,
  workgroup: AthenaWorkgroup,
  owner: string,
): void {
  new QuicksightDataSource(scope, 'quicksight-lake', {
    awsAccountId: env.account,
    dataSourceId: nameOf(env, 'lake'),
    name: nameOf(env, 'lake'),
    type: 'ATHENA',
    parameters: { athena: { workGroup: workgroup.name } },
    permission: [{ principal: owner, actions: ownerActions }],
    sslProperties: { disableSsl: false },
  });
}
