import { SnsTopic } from '@cdktf/provider-aws/lib/sns-topic/index.js';
import { SnsTopicPolicy } from '@cdktf/provider-aws/lib/sns-topic-policy/index.js';
import { SnsTopicSubscription } from '@cdktf/provider-aws/lib/sns-topic-subscription/index.js';
import type { Construct } from 'constructs';
import type { Environment } from '../../config/environment.ts';
import { policyDocument } from '../../constructs/policy-document.ts';
import { nameOf } from '../../names.ts';

/** Where alarms, events, the budget and the worker report to; made early because everything refers to it. */
export function alertsTopic(scope: Construct, env: Environment, keyArn: string): SnsTopic {
  const topic = new SnsTopic(scope, 'alerts', { name: nameOf(env, 'alerts'), kmsMasterKeyId: keyArn });
  new SnsTopicPolicy(scope, 'alerts-policy', {
    arn: topic.arn,
    policy: policyDocument([
      {
        Sid: 'Services',
        Effect: 'Allow',
        Principal: { Service: ['cloudwatch.amazonaws.com', 'budgets.amazonaws.com'] },
        Action: ['sns:Publish'],
        Resource: [topic.arn],
        Condition: { StringEquals: { 'aws:SourceAccount': env.account } },
      },
      {
        // Supports no condition: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-troubleshooting.html
        Sid: 'EventBridge',
        Effect: 'Allow',
        Principal: { Service: 'events.amazonaws.com' },
        Action: ['sns:Publish'],
        Resource: [topic.arn],
      },
      {
        Sid: 'TlsOnly',
        Effect: 'Deny',
        Principal: '*',
        Action: ['sns:Publish'],
        Resource: [topic.arn],
        Condition: { Bool: { 'aws:SecureTransport': 'false' } },
      },
    ]),
  });
  new SnsTopicSubscription(scope, 'alerts-email', {
    topicArn: topic.arn,
    protocol: 'email',
    endpoint: env.alerts.email,
  });
  return topic;
}
