import type { Environment } from '../../config/environment.ts';
import { allow, type Statement } from '../../constructs/policy-document.ts';
import { arnOf, nameOf } from '../../names.ts';
import { verbs } from './verbs.ts';

/** Tasks, functions, alarms, logs, messages. */
export function computeStatements(env: Environment): Statement[] {
  const own = nameOf(env, '*');
  const at = (service: string, ...parts: string[]): string[] =>
    parts.map((part) => arnOf(env, service, part));
  const tagged = { StringEquals: { 'aws:ResourceTag/Environment': env.name } };
  return [
    allow(
      verbs(
        'ecs',
        'CreateCluster',
        'CreateService',
        'DeleteCluster',
        'DeleteService',
        'DescribeClusters',
        'DescribeServices',
        'RegisterTaskDefinition',
        'TagResource',
        'UntagResource',
        'UpdateCluster',
        'UpdateService',
      ),
      at('ecs', `cluster/${own}`, `service/${own}/*`, `task-definition/${own}`),
    ),
    allow(verbs('ecs', 'DeregisterTaskDefinition', 'DescribeTaskDefinition'), ['*']),
    allow(
      verbs(
        'application-autoscaling',
        'DeleteScalingPolicy',
        'DeregisterScalableTarget',
        'ListTagsForResource',
        'PutScalingPolicy',
        'RegisterScalableTarget',
        'TagResource',
        'UntagResource',
      ),
      at('application-autoscaling', 'scalable-target/*'),
    ),
    allow(verbs('application-autoscaling', 'DescribeScal*'), ['*']),
    // Cloud Map and the zones that it makes have ids; the tag bounds what can be bounded.
    allow(
      verbs(
        'servicediscovery',
        'CreateService',
        'DeleteNamespace',
        'DeleteService',
        'DeregisterInstance',
        'GetNamespace',
        'GetService',
        'ListInstances',
        'UpdatePrivateDnsNamespace',
        'UpdateService',
      ),
      at('servicediscovery', 'namespace/*', 'service/*'),
      tagged,
    ),
    allow(verbs('servicediscovery', 'CreateService'), at('servicediscovery', 'service/*'), {
      StringEquals: { 'aws:RequestTag/Environment': env.name },
    }),
    allow(
      verbs(
        'servicediscovery',
        'CreatePrivateDnsNamespace',
        'GetOperation',
        'ListTagsForResource',
        'TagResource',
        'UntagResource',
      ),
      ['*'],
    ),
    allow(verbs('route53', 'CreateHostedZone', 'ListHostedZonesByName'), ['*']),
    allow(verbs('route53', 'AssociateVPCWithHostedZone', 'DeleteHostedZone', 'GetHostedZone'), [
      'arn:aws:route53:::hostedzone/*',
    ]),
    allow(
      verbs(
        'lambda',
        'AddPermission',
        'CreateFunction',
        'DeleteFunction',
        'GetFunction*',
        'GetPolicy',
        'InvokeFunction',
        'ListTags',
        'ListVersionsByFunction',
        'RemovePermission',
        'TagResource',
        'UntagResource',
        'UpdateFunctionCode',
        'UpdateFunctionConfiguration',
      ),
      at('lambda', `function:${own}`),
    ),
    allow(
      verbs(
        'events',
        'DeleteRule',
        'DescribeRule',
        'ListTagsForResource',
        'ListTargetsByRule',
        'PutRule',
        'PutTargets',
        'RemoveTargets',
        'TagResource',
        'UntagResource',
      ),
      at('events', `rule/${own}`),
    ),
    allow(
      verbs(
        'cloudwatch',
        'DeleteAlarms',
        'DescribeAlarms',
        'ListTagsForResource',
        'PutMetricAlarm',
        'TagResource',
        'UntagResource',
      ),
      at('cloudwatch', `alarm:${own}`),
    ),
    allow(verbs('cloudwatch', 'DeleteDashboards', 'GetDashboard', 'PutDashboard'), [
      `arn:aws:cloudwatch::${env.account}:dashboard/${own}`,
    ]),
    allow(
      verbs(
        'logs',
        'AssociateKmsKey',
        'CreateLogGroup',
        'DeleteLogGroup',
        'DeleteRetentionPolicy',
        'DisassociateKmsKey',
        'ListTagsForResource',
        'PutRetentionPolicy',
        'TagResource',
        'UntagResource',
      ),
      at('logs', ...logGroups(env).map((name) => `log-group:${name}`)),
    ),
    allow(verbs('logs', 'DescribeLogGroups'), ['*']),
    allow(verbs('emr-serverless', 'CreateApplication'), ['*']),
    allow(
      verbs(
        'emr-serverless',
        'DeleteApplication',
        'GetApplication',
        'StopApplication',
        'UntagResource',
        'UpdateApplication',
      ),
      at('emr-serverless', '/applications/*'),
      tagged,
    ),
    allow(verbs('emr-serverless', 'TagResource'), at('emr-serverless', '/applications/*'), {
      StringEqualsIfExists: { 'aws:ResourceTag/Environment': env.name },
    }),
    allow(
      verbs(
        'sqs',
        'CreateQueue',
        'DeleteQueue',
        'GetQueueAttributes',
        'ListQueueTags',
        'SetQueueAttributes',
        'TagQueue',
        'UntagQueue',
      ),
      at('sqs', own),
    ),
    allow(
      verbs(
        'sns',
        'CreateTopic',
        'DeleteTopic',
        'GetTopicAttributes',
        'ListTagsForResource',
        'SetSubscriptionAttributes',
        'SetTopicAttributes',
        'Subscribe',
        'TagResource',
        'UntagResource',
      ),
      at('sns', own),
    ),
    allow(verbs('sns', 'GetSubscriptionAttributes', 'Unsubscribe'), ['*']),
  ];
}

/** Of tasks, functions, databases, DMS and the warehouse. */
function logGroups(env: Environment): string[] {
  const own = nameOf(env, '*');
  return [
    `/${env.project}/${env.name}/*`,
    `/aws/lambda/${own}`,
    `/aws/rds/instance/${own}`,
    `/aws/redshift/${own}`,
    `dms-tasks-${own}`,
  ];
}
