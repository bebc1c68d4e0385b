import type { IamRole } from '@cdktf/provider-aws/lib/iam-role/index.js';
import type { SecretsmanagerSecret } from '@cdktf/provider-aws/lib/secretsmanager-secret/index.js';
import type { Construct } from 'constructs';
import type { Environment } from '../../config/environment.ts';
import { credentials } from '../../constructs/credentials.ts';
import { allow } from '../../constructs/policy-document.ts';
import { provision } from '../../constructs/provisioning.ts';
import { rotate } from '../../constructs/rotation.ts';
import { readableSchemas, warehouseDatabase, warehouseSchemas } from '../../contract.ts';
import { crawledLayers } from '../ingestion/catalog.ts';
import type { WarehouseDependencies } from './dependencies.ts';
import type { Serverless } from './serverless.ts';

const port = 5439;

export interface WarehouseSecrets {
  /** Loads and transforms: owns the schemas, administers nothing. */
  readonly loader: SecretsmanagerSecret;
  /** People and dashboards: reads the marts and the lake. */
  readonly reader: SecretsmanagerSecret;
}

/** Users and schemas, made by the provision function: a statement as a resource of Terraform would differ a day later. */
export function usersAndSchemas(
  scope: Construct,
  env: Environment,
  { storage, controlDatabase, ingestion }: WarehouseDependencies,
  { namespace, workgroup }: Serverless,
  spectrum: IamRole,
): WarehouseSecrets {
  const keyArn = storage.keys.secrets.arn;
  const loader = credentials(scope, env, 'warehouse-loader', keyArn);
  const reader = credentials(scope, env, 'warehouse-reader', keyArn);
  const users = provision(scope, 'warehouse', {
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
      users: [
        { name: 'sluice_loader', secretArn: loader.arn, access: 'owner', databases: [warehouseDatabase] },
        { name: 'sluice_reader', secretArn: reader.arn, access: 'reader', databases: [warehouseDatabase] },
      ],
      warehouse: {
        schemas: warehouseSchemas,
        readable: readableSchemas,
        externalSchemas: crawledLayers.map((layer) => ({
          name: `lake_${layer}`,
          catalogDatabase: ingestion.catalog.databases[layer].name,
          region: env.region,
          roleArn: spectrum.arn,
        })),
      },
    },
  });
  const rotated = [
    { what: 'warehouse-loader', secret: loader },
    { what: 'warehouse-reader', secret: reader },
  ];
  rotate(scope, env, controlDatabase.rotator, rotated, users);
  return { loader, reader };
}
