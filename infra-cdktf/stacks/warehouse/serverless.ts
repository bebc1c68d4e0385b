import { RedshiftserverlessNamespace } from '@cdktf/provider-aws/lib/redshiftserverless-namespace/index.js';
import { RedshiftserverlessUsageLimit } from '@cdktf/provider-aws/lib/redshiftserverless-usage-limit/index.js';
import { RedshiftserverlessWorkgroup } from '@cdktf/provider-aws/lib/redshiftserverless-workgroup/index.js';
import type { Construct } from 'constructs';
import type { Environment } from '../../config/environment.ts';
import { warehouseDatabase } from '../../contract.ts';
import { nameOf } from '../../names.ts';
import type { WarehouseDependencies } from './index.ts';

export interface Serverless {
  readonly namespace: RedshiftserverlessNamespace;
  readonly workgroup: RedshiftserverlessWorkgroup;
}

/** A query that runs longer is stopped: seconds. */
const maxQuerySeconds = 4 * 3600;

export function serverless(
  scope: Construct,
  env: Environment,
  { storage, network }: WarehouseDependencies,
  roleArns: readonly string[],
): Serverless {
  const name = nameOf(env, 'warehouse');
  const namespace = new RedshiftserverlessNamespace(scope, 'namespace', {
    namespaceName: name,
    dbName: warehouseDatabase,
    adminUsername: 'administrator',
    manageAdminPassword: true,
    adminPasswordSecretKmsKeyId: storage.keys.secrets.arn,
    kmsKeyId: storage.keys.curated.arn,
    iamRoles: [...roleArns],
    logExports: ['userlog', 'connectionlog', 'useractivitylog'],
    lifecycle: { preventDestroy: env.protection.deletionProtection },
  });
  const { baseRpu, maxRpu, dailyRpuHours, onDailyLimit } = env.sizes.redshift;
  const workgroup = new RedshiftserverlessWorkgroup(scope, 'workgroup', {
    workgroupName: name,
    namespaceName: namespace.namespaceName,
    baseCapacity: baseRpu,
    maxCapacity: maxRpu,
    enhancedVpcRouting: true,
    publiclyAccessible: false,
    subnetIds: [...network.subnets.private],
    securityGroupIds: [network.securityGroups.warehouse.id],
    configParameter: [
      { parameterKey: 'require_ssl', parameterValue: 'true' },
      { parameterKey: 'enable_user_activity_logging', parameterValue: 'true' },
      { parameterKey: 'max_query_execution_time', parameterValue: `${maxQuerySeconds}` },
    ],
  });
  new RedshiftserverlessUsageLimit(scope, 'daily-limit', {
    resourceArn: workgroup.arn,
    usageType: 'serverless-compute',
    period: 'daily',
    amount: dailyRpuHours,
    breachAction: onDailyLimit,
  });
  return { namespace, workgroup };
}
