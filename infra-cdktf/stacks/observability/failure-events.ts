import { CloudwatchEventRule } from '@cdktf/provider-aws/lib/cloudwatch-event-rule/index.js';
import { CloudwatchEventTarget } from '@cdktf/provider-aws/lib/cloudwatch-event-target/index.js';
import type { Construct } from 'constructs';
import type { Environment } from '../../config/environment.ts';
import { arnOf, nameOf, parameterName } from '../../names.ts';
import type { ObservabilityDependencies } from './dependencies.ts';

interface Failure {
  readonly id: string;
  readonly what: string;
  /** Only of this environment: others may share the account. Undefined: the environment has no such service. */
  readonly pattern: (env: Environment, stacks: ObservabilityDependencies) => object | undefined;
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
    pattern: (_, { processing }) =>
      processing.application && {
        source: ['aws.emr-serverless'],
        'detail-type': ['EMR Serverless Job Run State Change'],
        detail: { state: ['FAILED'], applicationId: [processing.application.id] },
      },
  },
  {
    id: 'dms-failure',
    what: 'A DMS task has stopped or failed',
    pattern: (_, { ingestion }) =>
      ingestion.replication && {
        source: ['aws.dms'],
        'detail-type': ['DMS Replication Task State Change'],
        resources: ingestion.replication.tasks.map((task) => task.replicationTaskArn),
        detail: { eventType: ['REPLICATION_TASK_FAILED', 'REPLICATION_TASK_STOPPED'] },
      },
  },
  {
    id: 'rotation-failure',
    what: 'A password could not be changed: read the log of the function rotate-secret',
    pattern: (env) => ({
      source: ['aws.secretsmanager'],
      'detail-type': ['AWS Service Event via CloudTrail'],
      detail: {
        eventName: ['RotationFailed'],
        additionalEventData: {
          SecretId: [{ prefix: arnOf(env, 'secretsmanager', `secret:${parameterName(env, '').slice(1)}`) }],
        },
      },
    }),
  },
  {
    id: 'deployment-failure',
    what: 'An ECS deployment was rolled back',
    pattern: (env) => ({
      source: ['aws.ecs'],
      'detail-type': ['ECS Deployment State Change'],
      resources: [{ prefix: arnOf(env, 'ecs', `service/${nameOf(env, '')}`) }],
      detail: { eventName: ['SERVICE_DEPLOYMENT_FAILED'] },
    }),
  },
];

export function failureEvents(
  scope: Construct,
  env: Environment,
  stacks: ObservabilityDependencies,
  topicArn: string,
): void {
  for (const { id, what, pattern } of failures) {
    const wanted = pattern(env, stacks);
    if (wanted === undefined) continue;
    const rule = new CloudwatchEventRule(scope, id, {
      name: nameOf(env, id),
      description: what,
      eventPattern: JSON.stringify(wanted),
    });
    new CloudwatchEventTarget(scope, `${id}-target`, { rule: rule.name, arn: topicArn });
  }
}
