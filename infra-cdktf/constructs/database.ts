import { DbInstance } from '@cdktf/provider-aws/lib/db-instance/index.js';
import {
  DbParameterGroup,
  type DbParameterGroupParameter,
} from '@cdktf/provider-aws/lib/db-parameter-group/index.js';
import { DbSubnetGroup } from '@cdktf/provider-aws/lib/db-subnet-group/index.js';
import type { IamRole } from '@cdktf/provider-aws/lib/iam-role/index.js';
import type { SecurityGroup } from '@cdktf/provider-aws/lib/security-group/index.js';
import type { Construct } from 'constructs';
import type { DatabaseSize, Environment } from '../config/environment.ts';
import { arnOf, nameOf } from '../names.ts';
import { logGroup } from './log-group.ts';
import { writeLogs } from './permissions.ts';
import { workloadRole } from './workload-role.ts';

export interface DatabaseProps {
  readonly env: Environment;
  readonly engine: Engine;
  readonly size: DatabaseSize;
  readonly database: string;
  readonly parameters: readonly DbParameterGroupParameter[];
  readonly subnetIds: readonly string[];
  readonly group: SecurityGroup;
  readonly dataKeyArn: string;
  readonly secretKeyArn: string;
  readonly logKeyArn: string;
}

export interface Engine {
  readonly name: 'postgres' | 'mysql';
  readonly version: string;
  readonly family: string;
  readonly port: number;
  readonly logs: readonly string[];
}

export const postgres17: Engine = {
  name: 'postgres',
  version: '17',
  family: 'postgres17',
  port: 5432,
  logs: ['postgresql', 'upgrade'],
};
export const mysql84: Engine = {
  name: 'mysql',
  version: '8.4',
  family: 'mysql8.4',
  port: 3306,
  logs: ['error', 'slowquery'],
};

/** Who signs the databases' certificates: RDS's name for it, and what its subject says. */
export const databaseAuthority = { identifier: 'rds-ca-rsa2048-g1', subject: 'RSA2048 G1' } as const;
/** RDS writes to this one, whichever the instance; the account's stack makes it. */
export const monitoringLogGroup = 'RDSOSMetrics';
/** How often the operating system's figures are taken. */
const monitoringSeconds = 60;

/** An encrypted RDS instance in the isolated subnets; RDS makes and keeps the administrator's password. */
export function database(scope: Construct, what: string, props: DatabaseProps): DbInstance {
  const { env, engine } = props;
  const { deletionProtection, finalSnapshot, multiAz, backupRetentionDays } = env.protection;
  const name = nameOf(env, what);
  const subnets = new DbSubnetGroup(scope, `${what}-subnets`, { name, subnetIds: [...props.subnetIds] });
  const parameters = new DbParameterGroup(scope, `${what}-parameters`, {
    name: `${name}-${engine.family.replace('.', '-')}`,
    family: engine.family,
    parameter: [...props.parameters],
    lifecycle: { createBeforeDestroy: true },
  });
  const logs = engine.logs.map((log) =>
    logGroup(scope, env, `${what}-${log}`, props.logKeyArn, `/aws/rds/instance/${name}/${log}`),
  );
  return new DbInstance(scope, what, {
    identifier: name,
    engine: engine.name,
    engineVersion: engine.version,
    instanceClass: props.size.instanceClass,
    allocatedStorage: props.size.storageGb,
    maxAllocatedStorage: props.size.maxStorageGb,
    storageType: 'gp3',
    storageEncrypted: true,
    kmsKeyId: props.dataKeyArn,
    dbName: props.database,
    username: 'administrator',
    manageMasterUserPassword: true,
    masterUserSecretKmsKeyId: props.secretKeyArn,
    dbSubnetGroupName: subnets.name,
    parameterGroupName: parameters.name,
    vpcSecurityGroupIds: [props.group.id],
    publiclyAccessible: false,
    multiAz,
    deletionProtection,
    backupRetentionPeriod: backupRetentionDays,
    copyTagsToSnapshot: true,
    skipFinalSnapshot: !finalSnapshot,
    finalSnapshotIdentifier: finalSnapshot ? `${name}-final` : undefined,
    applyImmediately: !deletionProtection,
    autoMinorVersionUpgrade: true,
    caCertIdentifier: databaseAuthority.identifier,
    enabledCloudwatchLogsExports: [...engine.logs],
    monitoringInterval: monitoringSeconds,
    monitoringRoleArn: monitoringRole(scope, env, what).arn,
    lifecycle: { preventDestroy: deletionProtection },
    dependsOn: logs,
  });
}

/** Writes enhanced monitoring to the account's group for it, each instance its own stream. */
function monitoringRole(scope: Construct, env: Environment, what: string): IamRole {
  return workloadRole(scope, `${what}-monitoring`, {
    env,
    service: 'monitoring.rds.amazonaws.com',
    description: `Enhanced monitoring of ${what}`,
    statements: [writeLogs([arnOf(env, 'logs', `log-group:${monitoringLogGroup}`)])],
  });
}

/** The ARN of the secret that RDS keeps for the administrator. */
export function administratorSecret(instance: DbInstance): string {
  return instance.masterUserSecret.get(0).secretArn;
}
