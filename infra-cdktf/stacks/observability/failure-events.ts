import { CloudwatchEventRule } from '@cdktf/provider-aws/lib/cloudwatch-event-rule/index.js';
import { CloudwatchEventTarget } from '@cdktf/provider-aws/lib/cloudwatch-event-target/index.js';
import type { Construct } from 'constructs';
import type { Environment } from '../../config/environment.ts';
import { nameOf } from '../../names.ts';

interface Failure {
  readonly id: string;
  readonly what: string;
  readonly pattern: (env: Environment) => object;
}

/** Failures that services report as events, whoever started the job. */
const failures: readonly Failure[] = [
  {
    id: 'glue-failure',
    what: 'A Glue job has failed',
    pattern: (env) => ({
      source: ['aws.glue'],
      'detail-type': ['Glue Job State Change'],
      detail: { state: ['FAILED', 'TIMEOUT'], jobName: [{ prefix: nameOf(env, '') }] },
    }),
  },
  {
    id: 'crawler-failure',
    what: 'A Glue crawler has failed',
    pattern: (env) => ({
      source: ['aws.glue'],
      'detail-type': ['Glue Crawler State Change'],
      detail: { state: ['Failed'], crawlerName: [{ prefix: nameOf(env, '') }] },
    }),
  },
  {
    id: 'emr-failure',
    what: 'An EMR Serverless job has failed',
    pattern: () => ({
      source: ['aws.emr-serverless'],
      'detail-type': ['EMR Serverless Job Run State Change'],
      detail: { state: ['FAILED'] },
    }),
  },
  {
    id: 'dms-failure',
    what: 'A DMS task has stopped or failed',
    pattern: () => ({
      source: ['aws.dms'],
      'detail-type': ['DMS Replication Task State Change'],
      detail: { eventType: ['REPLICATION_TASK_FAILED', 'REPLICATION_TASK_STOPPED'] },
    }),
  },
  {
    id: 'deployment-failure',
    what: 'An ECS deployment was rolled back',
    pattern: () => ({
      source: ['aws.ecs'],
      'detail-type': ['ECS Deployment State Change'],
      detail: { eventName: ['SERVICE_DEPLOYMENT_FAILED'] },
    }),
  },
];

export function failureEvents(scope: Construct, env: Environment, topicArn: string): void {
  for (const { id, what, pattern } of failures) {
    const rule = new CloudwatchEventRule(scope, id, {
      name: nameOf(env, id),
      description: what,
      eventPattern: JSON.stringify(pattern(env)),
    });
    new CloudwatchEventTarget(scope, `${id}-target`, { rule: rule.name, arn: topicArn });
  }
}
