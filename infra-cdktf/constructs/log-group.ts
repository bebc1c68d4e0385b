import { CloudwatchLogGroup } from '@cdktf/provider-aws/lib/cloudwatch-log-group/index.js';
import type { Construct } from 'constructs';
import type { Environment } from '../config/environment.ts';

/** An encrypted log group `/sluice/<env>/<what>` that forgets after the environment's retention. */
export function logGroup(
  scope: Construct,
  env: Environment,
  what: string,
  keyArn: string,
  name?: string,
): CloudwatchLogGroup {
  return new CloudwatchLogGroup(scope, `${what}-logs`, {
    name: name ?? `/${env.project}/${env.name}/${what}`,
    kmsKeyId: keyArn,
    retentionInDays: env.protection.logRetentionDays,
  });
}
