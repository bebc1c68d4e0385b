import { KmsAlias } from '@cdktf/provider-aws/lib/kms-alias/index.js';
import { KmsKey } from '@cdktf/provider-aws/lib/kms-key/index.js';
import type { Construct } from 'constructs';
import type { Environment } from '../config/environment.ts';
import { nameOf } from '../names.ts';
import { policyDocument, type Statement } from './policy-document.ts';

export interface KeyProps {
  readonly env: Environment;
  readonly description: string;
  /** For services that use the key in their own name; IAM policies of the account decide for everybody else. */
  readonly statements?: readonly Statement[];
}

/** A customer-managed key that rotates yearly, with the alias `alias/sluice-<env>-<what>`. */
export function key(scope: Construct, what: string, props: KeyProps): KmsKey {
  const { env } = props;
  const made = new KmsKey(scope, `${what}-key`, {
    description: props.description,
    enableKeyRotation: true,
    deletionWindowInDays: env.protection.deletionProtection ? 30 : 7,
    policy: policyDocument([ownedBy(env.account), ...(props.statements ?? [])]),
    lifecycle: { preventDestroy: env.protection.deletionProtection },
  });
  new KmsAlias(scope, `${what}-alias`, { name: `alias/${nameOf(env, what)}`, targetKeyId: made.keyId });
  return made;
}

/** In a key policy `*` is the key itself. */
function ownedBy(account: string): Statement {
  return {
    Sid: 'IamDecides',
    Effect: 'Allow',
    Principal: { AWS: `arn:aws:iam::${account}:root` },
    Action: ['kms:*'],
    Resource: ['*'],
  };
}

/** Lets services use the key for this account only. */
export function usedBy(services: readonly string[], account: string): Statement {
  return {
    Sid: 'Services',
    Effect: 'Allow',
    Principal: { Service: services },
    Action: ['kms:Decrypt', 'kms:GenerateDataKey*'],
    Resource: ['*'],
    Condition: { StringEquals: { 'aws:SourceAccount': account } },
  };
}

/**
 * EventBridge sends no source, neither to the key nor to the topic: a condition on it would keep every message away.
 * https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
 */
export function usedByEventBridge(): Statement {
  return {
    Sid: 'EventBridge',
    Effect: 'Allow',
    Principal: { Service: 'events.amazonaws.com' },
    Action: ['kms:Decrypt', 'kms:GenerateDataKey*'],
    Resource: ['*'],
  };
}

/** CloudWatch Logs names the log group in the encryption context instead of sending a source account. */
export function usedByLogs(region: string, account: string): Statement {
  return {
    Sid: 'Logs',
    Effect: 'Allow',
    Principal: { Service: `logs.${region}.amazonaws.com` },
    Action: ['kms:Encrypt*', 'kms:Decrypt*', 'kms:ReEncrypt*', 'kms:GenerateDataKey*', 'kms:Describe*'],
    Resource: ['*'],
    Condition: {
      ArnLike: { 'kms:EncryptionContext:aws:logs:arn': `arn:aws:logs:${region}:${account}:log-group:*` },
    },
  };
}
