import type { IamRole } from '@cdktf/provider-aws/lib/iam-role/index.js';
import type { RedshiftserverlessNamespace } from '@cdktf/provider-aws/lib/redshiftserverless-namespace/index.js';
import type { RedshiftserverlessWorkgroup } from '@cdktf/provider-aws/lib/redshiftserverless-workgroup/index.js';
import { RedshiftdataStatement } from '@cdktf/provider-aws/lib/redshiftdata-statement/index.js';
import type { SecretsmanagerSecret } from '@cdktf/provider-aws/lib/secretsmanager-secret/index.js';
import type { ITerraformDependable } from 'cdktf';
import type { Construct } from 'constructs';
import type { Environment } from '../../config/environment.ts';
import { credentials } from '../../constructs/credentials.ts';
import { allow } from '../../constructs/policy-document.ts';
import { provision } from '../../constructs/provisioning.ts';
import { warehouseDatabase, warehouseSchemas } from '../../contract.ts';
import type { Catalog } from '../ingestion/catalog.ts';
import type { WarehouseDependencies } from './index.ts';

const loaderName = 'sluice_loader';
const port = 5439;

interface Loader {
  readonly secret: SecretsmanagerSecret;
  readonly made: ITerraformDependable;
}

/** The user that loads and transforms: owns the schemas, administers nothing. */
export function loader(
  scope: Construct,
  env: Environment,
  { storage, controlDatabase }: WarehouseDependencies,
  namespace: RedshiftserverlessNamespace,
  workgroup: RedshiftserverlessWorkgroup,
): Loader {
  const secret = credentials(scope, env, 'warehouse-loader', storage.keys.secrets.arn);
  const made = provision(scope, 'warehouse', {
    by: controlDatabase.provisioner,
    after: [workgroup],
    statements: [
      allow(['redshift-data:ExecuteStatement'], [workgroup.arn]),
      // These act on a statement, which has no ARN: only the function's own.
      allow(['redshift-data:DescribeStatement', 'redshift-data:GetStatementResult'], ['*'], {
        StringEquals: { 'redshift-data:statement-owner-iam-userid': '$${aws:userid}' },
      }),
    ],
    request: {
      engine: 'redshift',
      adminSecretArn: namespace.adminPasswordSecretArn,
      host: workgroup.endpoint.get(0).address,
      port,
      adminDatabase: warehouseDatabase,
      workgroup: workgroup.workgroupName,
      users: [{ name: loaderName, secretArn: secret.arn, access: 'owner', databases: [warehouseDatabase] }],
    },
  });
  return { secret, made };
}

interface SchemaProps {
  readonly namespace: RedshiftserverlessNamespace;
  readonly workgroup: RedshiftserverlessWorkgroup;
  readonly spectrum: IamRole;
  readonly catalog: Catalog;
  readonly after: ITerraformDependable;
}

export function schemas(scope: Construct, env: Environment, props: SchemaProps): void {
  const statement = (id: string, sql: string, after = props.after): RedshiftdataStatement =>
    new RedshiftdataStatement(scope, id, {
      workgroupName: props.workgroup.workgroupName,
      database: warehouseDatabase,
      secretArn: props.namespace.adminPasswordSecretArn,
      sql,
      dependsOn: [after],
    });
  for (const schema of warehouseSchemas) {
    statement(`schema-${schema}`, `CREATE SCHEMA IF NOT EXISTS ${schema} AUTHORIZATION ${loaderName}`);
  }
  for (const layer of ['silver', 'gold'] as const) {
    const external = statement(
      `external-${layer}`,
      `CREATE EXTERNAL SCHEMA IF NOT EXISTS lake_${layer} FROM DATA CATALOG DATABASE '${props.catalog.databases[layer].name}' ` +
        `REGION '${env.region}' IAM_ROLE '${props.spectrum.arn}'`,
    );
    statement(`external-${layer}-usage`, `GRANT USAGE ON SCHEMA lake_${layer} TO ${loaderName}`, external);
  }
}
