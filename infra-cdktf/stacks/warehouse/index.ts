import type { IamRole } from '@cdktf/provider-aws/lib/iam-role/index.js';
import type { RedshiftserverlessWorkgroup } from '@cdktf/provider-aws/lib/redshiftserverless-workgroup/index.js';
import type { SecretsmanagerSecret } from '@cdktf/provider-aws/lib/secretsmanager-secret/index.js';
import type { App } from 'cdktf';
import { SluiceStack } from '../../app.ts';
import type { Environment } from '../../config/environment.ts';
import type { WarehouseDependencies } from './dependencies.ts';
import { copyRole, spectrumRole } from './roles.ts';
import { usersAndSchemas } from './schemas.ts';
import { serverless } from './serverless.ts';

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
    const made = serverless(this, env, stacks, [this.copyRole.arn, spectrum.arn]);
    this.workgroup = made.workgroup;
    this.loaderSecret = usersAndSchemas(this, env, stacks, made, spectrum).loader;
  }
}
