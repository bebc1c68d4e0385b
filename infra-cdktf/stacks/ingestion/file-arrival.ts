import { CloudwatchEventRule } from '@cdktf/provider-aws/lib/cloudwatch-event-rule/index.js';
import { CloudwatchEventTarget } from '@cdktf/provider-aws/lib/cloudwatch-event-target/index.js';
import { LambdaPermission } from '@cdktf/provider-aws/lib/lambda-permission/index.js';
import { SqsQueuePolicy } from '@cdktf/provider-aws/lib/sqs-queue-policy/index.js';
import type { Construct } from 'constructs';
import type { Environment } from '../../config/environment.ts';
import { nodeFunction, type NodeFunction } from '../../constructs/node-function.ts';
import { policyDocument } from '../../constructs/policy-document.ts';
import { lakePrefixes, taskQueue, temporalNamespace } from '../../contract.ts';
import { nameOf, temporalAddress } from '../../names.ts';
import type { IngestionDependencies } from './dependencies.ts';

/** A file under `landing/<pipeline>/` in bronze starts that pipeline. */
export function fileArrival(
  scope: Construct,
  env: Environment,
  { storage, network }: IngestionDependencies,
): NodeFunction {
  const starter = nodeFunction(scope, 'start-pipeline', {
    env,
    description: 'Starts the pipeline that an arrived file is for',
    keyArn: storage.keys.operations.arn,
    timeoutSeconds: 60,
    subnetIds: network.subnets.private,
    group: network.securityGroups.functions,
    environment: {
      TEMPORAL_ADDRESS: temporalAddress(env),
      TEMPORAL_NAMESPACE: temporalNamespace,
      TEMPORAL_TASK_QUEUE: taskQueue,
    },
    statements: [],
  });
  const rule = new CloudwatchEventRule(scope, 'file-arrival', {
    name: nameOf(env, 'file-arrival'),
    description: 'A file has arrived in the landing folder',
    eventPattern: JSON.stringify({
      source: ['aws.s3'],
      'detail-type': ['Object Created'],
      detail: {
        bucket: { name: [storage.buckets.bronze.bucket] },
        object: { key: [{ prefix: lakePrefixes.landing }] },
      },
    }),
  });
  new LambdaPermission(scope, 'file-arrival-permission', {
    functionName: starter.lambda.functionName,
    action: 'lambda:InvokeFunction',
    principal: 'events.amazonaws.com',
    sourceArn: rule.arn,
  });
  // What EventBridge cannot deliver lands where failed calls do.
  new SqsQueuePolicy(scope, 'file-arrival-dead-letters', {
    queueUrl: starter.deadLetters.url,
    policy: policyDocument([
      {
        Effect: 'Allow',
        Principal: { Service: 'events.amazonaws.com' },
        Action: ['sqs:SendMessage'],
        Resource: [starter.deadLetters.arn],
        Condition: { ArnEquals: { 'aws:SourceArn': rule.arn } },
      },
    ]),
  });
  new CloudwatchEventTarget(scope, 'file-arrival-target', {
    rule: rule.name,
    arn: starter.lambda.arn,
    retryPolicy: { maximumEventAgeInSeconds: 86400, maximumRetryAttempts: 20 },
    deadLetterConfig: { arn: starter.deadLetters.arn },
  });
  return starter;
}
