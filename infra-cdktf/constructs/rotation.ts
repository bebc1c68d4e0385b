import { IamRolePolicy } from '@cdktf/provider-aws/lib/iam-role-policy/index.js';
import { LambdaPermission } from '@cdktf/provider-aws/lib/lambda-permission/index.js';
import type { SecretsmanagerSecret } from '@cdktf/provider-aws/lib/secretsmanager-secret/index.js';
import { SecretsmanagerSecretRotation } from '@cdktf/provider-aws/lib/secretsmanager-secret-rotation/index.js';
import type { SecurityGroup } from '@cdktf/provider-aws/lib/security-group/index.js';
import type { ITerraformDependable } from 'cdktf';
import type { Construct } from 'constructs';
import type { Environment } from '../config/environment.ts';
import type { Readers } from '../functions/rotate-secret/index.ts';
import { arnOf, nameOf, parameterName } from '../names.ts';
import { nodeFunction, type NodeFunction } from './node-function.ts';
import { readSecrets, useKey } from './permissions.ts';
import { allow, policyDocument } from './policy-document.ts';

/**
 * Secret -> the services that have its password from their start: as cluster and service, without the environment's name. Workers and
 * pages read those of ledger and sources again where they are refused; dbt's they hold.
 */
const readers: Readonly<Record<string, readonly (readonly [cluster: string, service: string])[]>> = {
  temporal: ['frontend', 'history', 'matching', 'worker'].map((role) => [
    'orchestration',
    `temporal-${role}`,
  ]),
  metabase: [['analytics', 'metabase']],
  'warehouse-loader': [['orchestration', 'worker']],
};

export interface RotatorProps {
  readonly env: Environment;
  readonly keyArn: string;
  readonly secretKeyArn: string;
  readonly subnetIds: readonly string[];
  readonly group: SecurityGroup;
}

/** The function that Secrets Manager has change passwords. */
export function rotator(scope: Construct, props: RotatorProps): NodeFunction {
  const { env, keyArn, subnetIds, group } = props;
  const named: Readers = Object.fromEntries(
    Object.entries(readers).map(([secret, services]) => [
      secretName(env, secret),
      services.map(([cluster, service]) => [nameOf(env, cluster), nameOf(env, service)] as const),
    ]),
  );
  const services = [...new Set(Object.values(named).flatMap((each) => each.map((place) => place.join('/'))))];
  return nodeFunction(scope, 'rotate-secret', {
    env,
    description: 'Gives database users another password',
    keyArn,
    timeoutSeconds: 60,
    subnetIds,
    group,
    environment: { READERS: JSON.stringify(named) },
    statements: [
      useKey([props.secretKeyArn], ['secretsmanager'], env.region),
      allow(
        ['ecs:UpdateService'],
        services.map((service) => arnOf(env, 'ecs', `service/${service}`)),
      ),
    ],
  });
}

export interface Rotated {
  /** As in its name: `ledger`. */
  readonly what: string;
  readonly secret: SecretsmanagerSecret;
}

/** Has Secrets Manager rotate secrets by the environment's schedule, once their users were made. */
export function rotate(
  scope: Construct,
  env: Environment,
  by: NodeFunction,
  secrets: readonly Rotated[],
  made: ITerraformDependable,
): void {
  const scheduleExpression = env.protection.passwordRotation;
  for (const { what, secret } of secrets) {
    const permission = new IamRolePolicy(scope, `rotate-${what}-policy`, {
      name: `rotate-${what}`,
      role: by.role.name,
      policy: policyDocument([
        readSecrets([secret.arn]),
        allow(['secretsmanager:PutSecretValue', 'secretsmanager:UpdateSecretVersionStage'], [secret.arn]),
      ]),
    });
    const call = new LambdaPermission(scope, `rotate-${what}-permission`, {
      functionName: by.lambda.functionName,
      action: 'lambda:InvokeFunction',
      principal: 'secretsmanager.amazonaws.com',
      sourceArn: secret.arn,
    });
    new SecretsmanagerSecretRotation(scope, `rotate-${what}`, {
      secretId: secret.arn,
      rotationLambdaArn: by.lambda.arn,
      // At the time that was chosen, not whenever something is deployed.
      rotateImmediately: false,
      rotationRules: { scheduleExpression, duration: '2h' },
      dependsOn: [permission, call, made],
    });
  }
}

function secretName(env: Environment, what: string): string {
  return parameterName(env, what).slice(1);
}
