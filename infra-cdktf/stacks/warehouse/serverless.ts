import { RedshiftserverlessNamespace } from '@cdktf/provider-aws/lib/redshiftserverless-namespace/index.js';
import { RedshiftserverlessUsageLimit } from '@cdktf/provider-aws/lib/redshiftserverless-usage-limit/index.js';
import { RedshiftserverlessWorkgroup } from '@cdktf/provider-aws/lib/redshiftserverless-workgroup/index.js';
import type { Construct } from 'constructs';
import type { Environment } from '../../config/environment.ts';
import { logGroup } from '../../constructs/log-group.ts';
import { warehouseDatabase } from '../../contract.ts';
import { nameOf } from '../../names.ts';
import type { WarehouseDependencies } from './dependencies.ts';

export interface Serverless {
  readonly namespace: RedshiftserverlessNamespace;
  readonly workgroup: RedshiftserverlessWorkgroup;
}

/** A query that runs longer is stopped: seconds. */
const maxQuerySeconds = 4 * 3600;

/** All that the service reports: one that is left out would differ in every plan. */
const parameters = {
  auto_mv: 'true',
  datestyle: 'ISO, MDY',
  enable_case_sensitive_identifier: 'false',
  enable_user_activity_logging: 'true',
  max_query_execution_time: `${maxQuerySeconds}`,
  query_group: 'default',
  require_ssl: 'true',
  search_path: '$user, public',
  use_fips_ssl: 'false',
} as const;

const logExports = ['userlog', 'connectionlog', 'useractivitylog'] as const;

export function serverless(
  scope: Construct,
  env: Environment,
  { storage, network }: WarehouseDependencies,
  roleArns: readonly string[],
): Serverless {
  const name = nameOf(env, 'warehouse');
  // Before Redshift makes them, without a key and for ever.
  const logs = logExports.map((log) =>
    logGroup(scope, env, `warehouse-${log}`, storage.keys.operations.arn, `/aws/redshift/${name}/${log}`),
  );
  const namespace = new RedshiftserverlessNamespace(scope, 'namespace', {
    namespaceName: name,
    dbName: warehouseDatabase,
    adminUsername: 'administrator',
    manageAdminPassword: true,
    adminPasswordSecretKmsKeyId: storage.keys.secrets.arn,
    kmsKeyId: storage.keys.curated.arn,
    iamRoles: [...roleArns],
    logExports: [...logExports],
    lifecycle: { preventDestroy: env.protection.deletionProtection },
    dependsOn: logs,
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
    configParameter: Object.entries(parameters).map(([parameterKey, parameterValue]) => ({
      parameterKey,
      parameterValue,
    })),
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
