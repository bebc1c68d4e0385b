import type { DbInstance } from '@cdktf/provider-aws/lib/db-instance/index.js';
import type { SecretsmanagerSecret } from '@cdktf/provider-aws/lib/secretsmanager-secret/index.js';
import type { App } from 'cdktf';
import { SluiceStack } from '../../app.ts';
import type { Environment } from '../../config/environment.ts';
import { credentials } from '../../constructs/credentials.ts';
import { administratorSecret, database, postgres17 } from '../../constructs/database.ts';
import { nodeFunction, type NodeFunction } from '../../constructs/node-function.ts';
import { useKey } from '../../constructs/permissions.ts';
import { provision } from '../../constructs/provisioning.ts';
import { rotate, rotator } from '../../constructs/rotation.ts';
import type { NetworkStack } from '../network/index.ts';
import type { StorageStack } from '../storage/index.ts';

export interface ControlSecrets {
  readonly temporal: SecretsmanagerSecret;
  readonly ledger: SecretsmanagerSecret;
  readonly metabase: SecretsmanagerSecret;
}

export const ledgerDatabase = 'sluice';

/** PostgreSQL of Temporal, the ledger and Metabase; and the functions that make databases and users anywhere, and change their passwords. */
export class ControlDatabaseStack extends SluiceStack {
  readonly instance: DbInstance;
  readonly secrets: ControlSecrets;
  readonly provisioner: NodeFunction;
  readonly rotator: NodeFunction;

  constructor(
    app: App,
    env: Environment,
    stacks: { readonly storage: StorageStack; readonly network: NetworkStack },
  ) {
    super(app, env, 'control-database');
    const { storage, network } = stacks;
    const { operations, secrets } = storage.keys;
    this.instance = database(this, 'control-database', {
      env,
      engine: postgres17,
      size: env.sizes.controlDatabase,
      database: ledgerDatabase,
      parameters: [{ name: 'rds.force_ssl', value: '1', applyMethod: 'pending-reboot' }],
      subnetIds: network.subnets.isolated,
      group: network.securityGroups['control-database'],
      dataKeyArn: operations.arn,
      secretKeyArn: secrets.arn,
      logKeyArn: operations.arn,
    });
    this.secrets = {
      temporal: credentials(this, env, 'temporal', secrets.arn),
      ledger: credentials(this, env, 'ledger', secrets.arn),
      metabase: credentials(this, env, 'metabase', secrets.arn),
    };
    this.provisioner = nodeFunction(this, 'provision', {
      env,
      description: 'Makes databases and users, fills their secrets',
      keyArn: operations.arn,
      timeoutSeconds: 300,
      subnetIds: network.subnets.private,
      group: network.securityGroups.functions,
      statements: [useKey([secrets.arn], ['secretsmanager'], env.region)],
    });
    this.rotator = rotator(this, {
      env,
      keyArn: operations.arn,
      secretKeyArn: secrets.arn,
      subnetIds: network.subnets.private,
      group: network.securityGroups.functions,
    });
    const made = provision(this, 'control-database', {
      by: this.provisioner,
      after: [this.instance],
      request: {
        engine: 'postgres',
        adminSecretArn: administratorSecret(this.instance),
        host: this.instance.address,
        port: postgres17.port,
        adminDatabase: ledgerDatabase,
        users: [
          {
            name: 'temporal',
            secretArn: this.secrets.temporal.arn,
            access: 'owner',
            databases: ['temporal', 'temporal_visibility'],
          },
          {
            name: 'sluice_ledger',
            secretArn: this.secrets.ledger.arn,
            access: 'owner',
            databases: [ledgerDatabase],
          },
          {
            name: 'metabase',
            secretArn: this.secrets.metabase.arn,
            access: 'owner',
            databases: ['metabase'],
          },
        ],
      },
    });
    const rotated = (['temporal', 'ledger', 'metabase'] as const).map((what) => ({
      what,
      secret: this.secrets[what],
    }));
    rotate(this, env, this.rotator, rotated, made);
  }
}
