/**
 * Actions for which AWS's service authorization reference lists no resource type, or which make a thing whose ARN is not known before.
 * Patterns as in policies.
 */
const actions = [
  'application-autoscaling:Describe*',
  'cloudwatch:PutMetricData',
  'dms:CreateEndpoint',
  'dms:CreateReplicationInstance',
  'dms:CreateReplicationSubnetGroup',
  'dms:Describe*',
  'dms:DescribeReplicationTasks',
  'ec2:Describe*',
  'ecr:GetAuthorizationToken',
  'ecs:DeregisterTaskDefinition',
  'ecs:DescribeTaskDefinition',
  'ecs:RegisterTaskDefinition',
  'emr-serverless:CreateApplication',
  'glue:CreateSecurityConfiguration',
  'glue:DeleteSecurityConfiguration',
  'glue:GetSecurityConfiguration',
  'kms:CreateKey',
  'kms:ListAliases',
  'redshift-data:CancelStatement',
  'redshift-data:DescribeStatement',
  'redshift-data:GetStatementResult',
  'redshift-serverless:CreateNamespace',
  'redshift-serverless:CreateUsageLimit',
  'redshift-serverless:CreateWorkgroup',
  'route53:AssociateVPCWithHostedZone',
  'route53:CreateHostedZone',
  'route53:ListHostedZonesByName',
  'servicediscovery:CreatePrivateDnsNamespace',
  'servicediscovery:GetOperation',
  'servicediscovery:ListNamespaces',
  'ssm:DescribeParameters',
  'ssmmessages:CreateControlChannel',
  'ssmmessages:CreateDataChannel',
  'ssmmessages:OpenControlChannel',
  'ssmmessages:OpenDataChannel',
];

export function hasNoResourceType(action: string): boolean {
  return actions.some(
    (known) =>
      known === action ||
      (known.endsWith('*') && action.startsWith(known.slice(0, -1)) && !action.includes('*')),
  );
}
