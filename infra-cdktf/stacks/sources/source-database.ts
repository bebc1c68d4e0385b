import type { DbInstance } from '@cdktf/provider-aws/lib/db-instance/index.js';
import type { SecretsmanagerSecret } from '@cdktf/provider-aws/lib/secretsmanager-secret/index.js';
import type { Construct } from 'constructs';
import type { Environment } from '../../config/environment.ts';
import { credentials } from '../../constructs/credentials.ts';
import { administratorSecret, type Engine } from '../../constructs/database.ts';
import { provision } from '../../constructs/provisioning.ts';
import { rotate } from '../../constructs/rotation.ts';
import type { SourcesDependencies } from './dependencies.ts';

export interface SourceDatabase {
  readonly instance: DbInstance;
  readonly database: string;
  readonly port: number;
  readonly secrets: SourceSecrets;
}

/** A user per purpose; none of them is the administrator. */
export interface SourceSecrets {
  /** The application that writes here: the seeder, the populating function. */
  readonly owner: SecretsmanagerSecret;
  /** Worker and Glue. */
  readonly reader: SecretsmanagerSecret;
  /** DMS. */
  readonly replicator: SecretsmanagerSecret;
}

export interface Made {
  readonly what: string;
  readonly instance: DbInstance;
  readonly engine: Engine;
  readonly database: string;
}

export function withUsers(
  scope: Construct,
  env: Environment,
  stacks: SourcesDependencies,
  made: Made,
): SourceDatabase {
  const { what, instance, engine, database } = made;
  const keyArn = stacks.storage.keys.secrets.arn;
  const secrets: SourceSecrets = {
    owner: credentials(scope, env, `${what}-owner`, keyArn),
    reader: credentials(scope, env, `${what}-reader`, keyArn),
    replicator: credentials(scope, env, `${what}-replicator`, keyArn),
  };
  const users = provision(scope, what, {
    by: stacks.controlDatabase.provisioner,
    after: [instance],
    request: {
      engine: engine.name,
      adminSecretArn: administratorSecret(instance),
      host: instance.address,
      port: engine.port,
      adminDatabase: database,
      users: [
        { name: 'sluice_owner', secretArn: secrets.owner.arn, access: 'owner', databases: [database] },
        { name: 'sluice_reader', secretArn: secrets.reader.arn, access: 'reader', databases: [database] },
        {
          name: 'sluice_replicator',
          secretArn: secrets.replicator.arn,
          access: 'replicator',
          databases: [database],
        },
      ],
    },
  });
  // Not the replicator: DMS keeps the password that its task began with.
  const rotated = (['owner', 'reader'] as const).map((user) => ({
    what: `${what}-${user}`,
    secret: secrets[user],
  }));
  rotate(scope, env, stacks.controlDatabase.rotator, rotated, users);
  return { instance, database, port: engine.port, secrets };
}
