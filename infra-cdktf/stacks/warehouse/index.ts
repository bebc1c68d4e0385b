import type { IamRole } from '@cdktf/provider-aws/lib/iam-role/index.js';
import type { RedshiftserverlessWorkgroup } from '@cdktf/provider-aws/lib/redshiftserverless-workgroup/index.js';
import type { SecretsmanagerSecret } from '@cdktf/provider-aws/lib/secretsmanager-secret/index.js';
import type { App } from 'cdktf';
import { SluiceStack } from '../../app.ts';
import type { Environment } from '../../config/environment.ts';
import type { ControlDatabaseStack } from '../control-database/index.ts';
import type { IngestionStack } from '../ingestion/index.ts';
import type { NetworkStack } from '../network/index.ts';
import type { StorageStack } from '../storage/index.ts';
import { copyRole, spectrumRole } from './roles.ts';
import { loader, schemas } from './schemas.ts';
import { serverless } from './serverless.ts';

export interface WarehouseDependencies {
  readonly storage: StorageStack;
  readonly network: NetworkStack;
  readonly controlDatabase: ControlDatabaseStack;
  readonly ingestion: IngestionStack;
}

/** Redshift Serverless with the schemas that the pipelines load. */
export class WarehouseStack extends SluiceStack {
  readonly workgroup: RedshiftserverlessWorkgroup;
  /** Of the user `sluice_loader`: what the worker and dbt are in the warehouse. */
  readonly loaderSecret: SecretsmanagerSecret;
  readonly copyRole: IamRole;

  constructor(app: App, env: Environment, stacks: WarehouseDependencies) {
    super(app, env, 'warehouse');
    this.copyRole = copyRole(this, env, stacks.storage);
    const spectrum = spectrumRole(this, env, stacks.storage);
    const { namespace, workgroup } = serverless(this, env, stacks, [this.copyRole.arn, spectrum.arn]);
    this.workgroup = workgroup;
    const user = loader(this, env, stacks, namespace, workgroup);
    this.loaderSecret = user.secret;
    schemas(this, env, {
      namespace,
      workgroup,
      spectrum,
      catalog: stacks.ingestion.catalog,
      after: user.made,
    });
  }
}
