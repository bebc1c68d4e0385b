import type { Environment } from '../../config/environment.ts';
import { allow, type Statement } from '../../constructs/policy-document.ts';
import { arnOf, nameOf } from '../../names.ts';

const verbs = (service: string, ...names: string[]): string[] => names.map((name) => `${service}:${name}`);

/** Network, tasks, functions, jobs, alarms. */
export function computeStatements(env: Environment): Statement[] {
  const own = nameOf(env, '*');
  const at = (service: string, ...parts: string[]): string[] =>
    parts.map((part) => arnOf(env, service, part));
  return [
    // VPC parts get their ids from AWS, names do not bound them.
    allow(
      verbs(
        'ec2',
        'Create*',
        'Delete*',
        'Modify*',
        'Associate*',
        'Disassociate*',
        'Attach*',
        'Detach*',
        'Authorize*',
        'Revoke*',
        'Update*',
        'AllocateAddress',
        'ReleaseAddress',
        'ReplaceRoute*',
      ),
      at('ec2', '*/*'),
    ),
    allow(verbs('ec2', 'Describe*'), ['*']),
    allow(
      verbs(
        'ecs',
        'CreateCluster',
        'UpdateCluster*',
        'DeleteCluster',
        'CreateService',
        'UpdateService',
        'DeleteService',
        'Describe*',
        'TagResource',
        'UntagResource',
        'ListTagsForResource',
      ),
      at('ecs', `cluster/${own}`, `service/${own}/*`, `task-definition/${own}`),
    ),
    // Task definitions are registered and described without a resource.
    allow(verbs('ecs', 'RegisterTaskDefinition', 'DeregisterTaskDefinition', 'DescribeTaskDefinition'), [
      '*',
    ]),
    allow(
      verbs(
        'application-autoscaling',
        'RegisterScalableTarget',
        'DeregisterScalableTarget',
        'PutScalingPolicy',
        'DeleteScalingPolicy',
        'TagResource',
        'ListTagsForResource',
      ),
      at('application-autoscaling', 'scalable-target/*'),
    ),
    allow(verbs('application-autoscaling', 'Describe*'), ['*']),
    allow(
      verbs(
        'servicediscovery',
        'Create*',
        'Update*',
        'Delete*',
        'Get*',
        'TagResource',
        'ListTagsForResource',
      ),
      at('servicediscovery', 'namespace/*', 'service/*'),
    ),
    allow(verbs('servicediscovery', 'CreatePrivateDnsNamespace', 'GetOperation', 'ListNamespaces'), ['*']),
    allow(verbs('route53', 'CreateHostedZone', 'ListHostedZonesByName', 'AssociateVPCWithHostedZone'), ['*']),
    allow(
      verbs(
        'route53',
        'GetHostedZone',
        'DeleteHostedZone',
        'ChangeResourceRecordSets',
        'GetChange',
        'ListTagsForResource',
      ),
      ['arn:aws:route53:::hostedzone/*', 'arn:aws:route53:::change/*'],
    ),
    allow(
      verbs(
        'lambda',
        'Create*',
        'Update*',
        'Delete*',
        'Get*',
        'List*',
        'Put*',
        'AddPermission',
        'RemovePermission',
        'InvokeFunction',
        'TagResource',
        'UntagResource',
      ),
      at('lambda', `function:${own}`),
    ),
    allow(
      verbs(
        'events',
        'PutRule',
        'DeleteRule',
        'DescribeRule',
        'EnableRule',
        'DisableRule',
        'PutTargets',
        'RemoveTargets',
        'ListTargetsByRule',
        'ListTagsForResource',
        'TagResource',
      ),
      at('events', `rule/${own}`),
    ),
    allow(
      verbs(
        'cloudwatch',
        'PutMetricAlarm',
        'DeleteAlarms',
        'DescribeAlarms',
        'TagResource',
        'ListTagsForResource',
      ),
      at('cloudwatch', `alarm:${own}`),
    ),
    allow(verbs('cloudwatch', 'PutDashboard', 'DeleteDashboards', 'GetDashboard'), [
      `arn:aws:cloudwatch::${env.account}:dashboard/${own}`,
    ]),
    allow(
      verbs(
        'logs',
        'CreateLogGroup',
        'DeleteLogGroup',
        'PutRetentionPolicy',
        'AssociateKmsKey',
        'ListTagsForResource',
        'TagResource',
      ),
      at(
        'logs',
        `log-group:/${env.project}/${env.name}/*`,
        `log-group:/aws/lambda/${own}`,
        `log-group:/aws/rds/instance/${own}`,
      ),
    ),
    allow(verbs('logs', 'DescribeLogGroups'), at('logs', '*')),
    allow(verbs('emr-serverless', 'CreateApplication'), ['*']),
    allow(
      verbs(
        'emr-serverless',
        'GetApplication',
        'UpdateApplication',
        'DeleteApplication',
        'StopApplication',
        'TagResource',
        'ListTagsForResource',
      ),
      at('emr-serverless', '/applications/*'),
    ),
    allow(
      verbs(
        'ecr',
        'CreateRepository',
        'DeleteRepository',
        'Describe*',
        'Put*',
        'Get*',
        'List*',
        'TagResource',
        'BatchCheckLayerAvailability',
        'BatchGetImage',
        'InitiateLayerUpload',
        'UploadLayerPart',
        'CompleteLayerUpload',
        'DeleteLifecyclePolicy',
      ),
      at('ecr', `repository/${own}`),
    ),
    allow(verbs('ecr', 'GetAuthorizationToken'), ['*']),
  ];
}
