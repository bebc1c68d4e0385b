import { call, calls, passRole, serviceRole, viaKey, type CallTable } from './call.ts';

const functionArn = 'lambda:function:{function_name}';
const cluster = 'ecs:cluster/{name}';
/** `cluster` is an ARN; a service's own has the cluster's name, which is one of the environment's. */
const service = 'ecs:service/{project}-{environment}-any/{name}';
const task = 'ecs:task-definition/{family}:1';
const namespace = 'servicediscovery:namespace/ns-there';
const registry = 'servicediscovery:service/srv-there';
const application = 'emr-serverless:/applications/there';
const scaled = 'application-autoscaling:scalable-target/there';

export const computeCalls: CallTable = {
  aws_lambda_function: calls({
    create: [
      ...call('lambda', 'CreateFunction TagResource', `+${functionArn}`),
      ...passRole('{role}', 'lambda.amazonaws.com'),
      ...call('ec2', 'DescribeSecurityGroups DescribeSubnets DescribeVpcs', '*'),
      ...viaKey('Encrypt Decrypt GenerateDataKey CreateGrant', '{kms_key_arn}', 'lambda'),
    ],
    read: call(
      'lambda',
      'GetFunction GetFunctionConfiguration GetFunctionCodeSigningConfig ListVersionsByFunction ListTags GetPolicy',
      functionArn,
    ),
    update: [
      ...call(
        'lambda',
        'UpdateFunctionCode UpdateFunctionConfiguration TagResource UntagResource',
        functionArn,
      ),
      ...viaKey('Encrypt Decrypt GenerateDataKey', '{kms_key_arn}', 'lambda'),
    ],
    delete: call('lambda', 'DeleteFunction', functionArn),
  }),
  aws_lambda_invocation: calls({
    create: call('lambda', 'InvokeFunction', functionArn),
    update: call('lambda', 'InvokeFunction', functionArn),
    delete: call('lambda', 'InvokeFunction', functionArn),
  }),
  aws_lambda_permission: calls({
    create: call('lambda', 'AddPermission', functionArn),
    read: call('lambda', 'GetPolicy', functionArn),
    delete: call('lambda', 'RemovePermission', functionArn),
  }),
  aws_ecs_cluster: calls({
    create: [...call('ecs', 'CreateCluster TagResource', `+${cluster}`), ...serviceRole('ecs.amazonaws.com')],
    read: call('ecs', 'DescribeClusters', cluster),
    update: call('ecs', 'UpdateCluster TagResource UntagResource', cluster),
    delete: call('ecs', 'DeleteCluster', cluster),
  }),
  aws_ecs_task_definition: calls({
    create: [
      ...call('ecs', 'RegisterTaskDefinition TagResource', `+${task}`),
      ...passRole('{task_role_arn}', 'ecs-tasks.amazonaws.com'),
      ...passRole('{execution_role_arn}', 'ecs-tasks.amazonaws.com'),
    ],
    read: call('ecs', 'DescribeTaskDefinition', '*'),
    update: call('ecs', 'TagResource UntagResource', task),
    delete: call('ecs', 'DeregisterTaskDefinition', '*'),
  }),
  aws_ecs_service: calls({
    create: call('ecs', 'CreateService TagResource', `+${service}`),
    read: call('ecs', 'DescribeServices', service),
    update: call('ecs', 'UpdateService TagResource UntagResource', service),
    delete: call('ecs', 'DeleteService', service),
  }),
  aws_appautoscaling_target: calls({
    create: [
      ...call('application-autoscaling', 'RegisterScalableTarget TagResource', `+${scaled}`),
      ...serviceRole('ecs.application-autoscaling.amazonaws.com'),
    ],
    read: [
      ...call('application-autoscaling', 'DescribeScalableTargets', '*'),
      ...call('application-autoscaling', 'ListTagsForResource', scaled),
    ],
    update: call('application-autoscaling', 'RegisterScalableTarget TagResource UntagResource', scaled),
    delete: call('application-autoscaling', 'DeregisterScalableTarget', scaled),
  }),
  aws_appautoscaling_policy: calls({
    create: call('application-autoscaling', 'PutScalingPolicy', scaled),
    read: call('application-autoscaling', 'DescribeScalingPolicies', '*'),
    update: call('application-autoscaling', 'PutScalingPolicy', scaled),
    delete: call('application-autoscaling', 'DeleteScalingPolicy', scaled),
  }),
  aws_service_discovery_private_dns_namespace: calls({
    create: [
      ...call('servicediscovery', 'CreatePrivateDnsNamespace TagResource', '*'),
      ...call('servicediscovery', 'GetOperation', `+${namespace}`),
      // Cloud Map makes the zone in the caller's name.
      ...call('route53', 'CreateHostedZone ListHostedZonesByName', '*'),
      ...call('route53', 'AssociateVPCWithHostedZone GetHostedZone', 'route53:hostedzone/Z1'),
      ...call('ec2', 'DescribeVpcs DescribeRegions', '*'),
    ],
    read: [
      ...call('servicediscovery', 'GetNamespace', namespace),
      ...call('servicediscovery', 'ListTagsForResource', '*'),
    ],
    update: [
      ...call('servicediscovery', 'UpdatePrivateDnsNamespace', namespace),
      ...call('servicediscovery', 'TagResource UntagResource', '*'),
    ],
    delete: [
      ...call('servicediscovery', 'DeleteNamespace GetOperation', namespace),
      ...call('route53', 'DeleteHostedZone', 'route53:hostedzone/Z1'),
    ],
  }),
  aws_service_discovery_service: calls({
    create: [
      ...call('servicediscovery', 'CreateService', [namespace, `+${registry}`]),
      ...call('servicediscovery', 'TagResource', '*'),
    ],
    read: [
      ...call('servicediscovery', 'GetService', registry),
      ...call('servicediscovery', 'ListTagsForResource', '*'),
    ],
    update: call('servicediscovery', 'UpdateService GetOperation', registry),
    delete: [
      ...call('servicediscovery', 'DeleteService', registry),
      // What a crashed task left registered.
      ...call('servicediscovery', 'ListInstances DeregisterInstance', registry),
    ],
  }),
  aws_emrserverless_application: calls({
    create: [
      ...call('emr-serverless', 'CreateApplication', '*'),
      ...call('emr-serverless', 'TagResource', `+${application}`),
      // EMR tries in the caller's name whether its workers will get an address.
      ...call(
        'ec2',
        'CreateNetworkInterface',
        ['+ec2:network-interface/new', 'ec2:subnet/there', 'ec2:security-group/there'],
        { 'aws:CalledViaLast': 'ops.emr-serverless.amazonaws.com' },
      ),
      ...call('ec2', 'DescribeSubnets DescribeSecurityGroups DescribeVpcs', '*'),
      ...serviceRole('ops.emr-serverless.amazonaws.com'),
    ],
    read: call('emr-serverless', 'GetApplication', application),
    update: call(
      'emr-serverless',
      'UpdateApplication StopApplication TagResource UntagResource',
      application,
    ),
    delete: call('emr-serverless', 'StopApplication DeleteApplication', application),
  }),
  aws_ecr_repository: calls({
    create: [
      ...call('ecr', 'CreateRepository TagResource', '+ecr:repository/{name}'),
      ...call('kms', 'DescribeKey', '{encryption_configuration.kms_key}'),
      ...viaKey('CreateGrant', '{encryption_configuration.kms_key}', 'ecr'),
    ],
    read: call('ecr', 'DescribeRepositories ListTagsForResource', 'ecr:repository/{name}'),
    update: call(
      'ecr',
      'PutImageScanningConfiguration PutImageTagMutability TagResource UntagResource',
      'ecr:repository/{name}',
    ),
    delete: [
      ...call('ecr', 'DeleteRepository', 'ecr:repository/{name}'),
      ...viaKey('RetireGrant', '{encryption_configuration.kms_key}', 'ecr'),
    ],
  }),
  aws_ecr_repository_policy: calls({
    create: call('ecr', 'SetRepositoryPolicy', 'ecr:repository/{repository}'),
    read: call('ecr', 'GetRepositoryPolicy', 'ecr:repository/{repository}'),
    update: call('ecr', 'SetRepositoryPolicy', 'ecr:repository/{repository}'),
    delete: call('ecr', 'DeleteRepositoryPolicy', 'ecr:repository/{repository}'),
  }),
  aws_ecr_lifecycle_policy: calls({
    create: call('ecr', 'PutLifecyclePolicy', 'ecr:repository/{repository}'),
    read: call('ecr', 'GetLifecyclePolicy', 'ecr:repository/{repository}'),
    update: call('ecr', 'PutLifecyclePolicy', 'ecr:repository/{repository}'),
    delete: call('ecr', 'DeleteLifecyclePolicy', 'ecr:repository/{repository}'),
  }),
};
