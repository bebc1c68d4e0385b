/** Actions that AWS could narrow to a resource and that are asked for, and so allowed, on `*`: action -> why. */
export const unnarrowed: Readonly<Record<string, string>> = {
  'cloudwatch:PutMetricData': 'metrics have no ARN; roles are held to a namespace by condition',
  'ec2:DescribeVpcAttribute':
    'the provider refreshes the VPC that it knows by id; a description holds no data',
  'ecs:ListTasks':
    'tasks of Fargate run on no container instance, which it is authorised on; roles are held to a cluster by condition',
  'rds:DescribeDBInstances': 'the provider lists with a filter, which is authorised on every instance',
  'servicediscovery:GetOperation': 'an operation has an id of its own, and the namespace may not exist yet',
  'sns:GetSubscriptionAttributes':
    'asked for by the ARN of the subscription, for which there is no resource type',
  'sns:Unsubscribe': 'asked for by the ARN of the subscription, for which there is no resource type',
};
