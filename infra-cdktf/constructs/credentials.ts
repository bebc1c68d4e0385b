import { SecretsmanagerSecret } from '@cdktf/provider-aws/lib/secretsmanager-secret/index.js';
import type { Construct } from 'constructs';
import type { Environment } from '../config/environment.ts';
import { parameterName } from '../names.ts';

/** A secret without a value: the provision function fills it, so that no password passes through Terraform. */
export function credentials(
  scope: Construct,
  env: Environment,
  what: string,
  keyArn: string,
): SecretsmanagerSecret {
  return new SecretsmanagerSecret(scope, `${what}-secret`, {
    name: parameterName(env, what).slice(1),
    description: `Credentials of ${what}`,
    kmsKeyId: keyArn,
    recoveryWindowInDays: env.protection.deletionProtection ? 30 : 0,
  });
}
