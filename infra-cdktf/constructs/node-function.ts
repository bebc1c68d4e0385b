import type { IamRole } from '@cdktf/provider-aws/lib/iam-role/index.js';
import { LambdaFunction } from '@cdktf/provider-aws/lib/lambda-function/index.js';
import type { SecurityGroup } from '@cdktf/provider-aws/lib/security-group/index.js';
import { SqsQueue } from '@cdktf/provider-aws/lib/sqs-queue/index.js';
import { AssetType, TerraformAsset } from 'cdktf';
import type { Construct } from 'constructs';
import type { Environment } from '../config/environment.ts';
import { nameOf } from '../names.ts';
import { bundle } from './bundle.ts';
import { logGroup } from './log-group.ts';
import { attachToVpc, useKey, writeLogs } from './permissions.ts';
import { allow, type Statement } from './policy-document.ts';
import { policyOf, workloadRole } from './workload-role.ts';

export interface NodeFunctionProps {
  readonly env: Environment;
  readonly description: string;
  /** Of log group and dead-letter queue. */
  readonly keyArn: string;
  readonly timeoutSeconds: number;
  readonly subnetIds: readonly string[];
  readonly group: SecurityGroup;
  readonly statements: readonly Statement[];
  readonly environment?: Readonly<Record<string, string>>;
}

export interface NodeFunction {
  readonly lambda: LambdaFunction;
  readonly role: IamRole;
  /** What an asynchronous call left behind after its retries. */
  readonly deadLetters: SqsQueue;
}

const deadLetterSeconds = 14 * 24 * 3600;

/** `functions/<what>` as a Lambda function in the private subnets. */
export function nodeFunction(scope: Construct, what: string, props: NodeFunctionProps): NodeFunction {
  const { env } = props;
  const name = nameOf(env, what);
  const logs = logGroup(scope, env, what, props.keyArn, `/aws/lambda/${name}`);
  const deadLetters = new SqsQueue(scope, `${what}-dead-letters`, {
    name: nameOf(env, `${what}-dead-letters`),
    kmsMasterKeyId: props.keyArn,
    messageRetentionSeconds: deadLetterSeconds,
  });
  const role = workloadRole(scope, what, {
    env,
    service: 'lambda.amazonaws.com',
    sourceAccount: false,
    description: props.description,
    statements: [
      writeLogs([logs.arn]),
      ...attachToVpc(env.region, env.account),
      allow(['sqs:SendMessage'], [deadLetters.arn]),
      useKey([props.keyArn], ['sqs', 'lambda'], env.region),
      ...props.statements,
    ],
  });
  const asset = new TerraformAsset(scope, `${what}-code`, { path: bundle(what), type: AssetType.ARCHIVE });
  const lambda = new LambdaFunction(scope, what, {
    functionName: name,
    description: props.description,
    role: role.arn,
    runtime: 'nodejs22.x',
    architectures: ['arm64'],
    handler: 'index.handler',
    filename: asset.path,
    sourceCodeHash: asset.assetHash,
    timeout: props.timeoutSeconds,
    memorySize: 512,
    kmsKeyArn: props.keyArn,
    environment: props.environment ? { variables: { ...props.environment } } : undefined,
    vpcConfig: { subnetIds: [...props.subnetIds], securityGroupIds: [props.group.id] },
    deadLetterConfig: { targetArn: deadLetters.arn },
    // Lambda tries the role's rights in the VPC as it makes the function; and what a function undoes at the end needs them still.
    dependsOn: [logs, policyOf(scope, what)],
  });
  return { lambda, role, deadLetters };
}
