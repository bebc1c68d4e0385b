import { call, calls, passRole, serviceRole, viaKey, type CallTable } from './call.ts';

const instance = 'rds:db:{identifier}';
/** The administrator's secret, made by the service in the caller's name. */
const rdsSecret = 'secretsmanager:secret:rds!db-new';
const redshiftSecret = 'secretsmanager:secret:redshift!new';
const namespace = 'redshift-serverless:namespace/there';
const workgroup = 'redshift-serverless:workgroup/there';

export const databaseCalls: CallTable = {
  aws_db_instance: calls({
    create: [
      ...call('rds', 'CreateDBInstance', [
        '+rds:db:{identifier}',
        'rds:pg:{parameter_group_name}',
        'rds:subgrp:{db_subnet_group_name}',
        'rds:og:default:any',
      ]),
      ...call('rds', 'AddTagsToResource', '+rds:db:{identifier}'),
      ...call('secretsmanager', 'CreateSecret TagResource', `+${rdsSecret}`),
      ...call('kms', 'DescribeKey', ['{kms_key_id}', '{master_user_secret_kms_key_id}']),
      ...viaKey('CreateGrant', '{kms_key_id}', 'rds'),
      ...viaKey('CreateGrant Decrypt GenerateDataKey', '{master_user_secret_kms_key_id}', 'secretsmanager'),
      ...passRole('{monitoring_role_arn}', 'monitoring.rds.amazonaws.com'),
      ...serviceRole('rds.amazonaws.com'),
    ],
    // By a filter on the resource id, which AWS authorises on all instances.
    read: [
      ...call('rds', 'DescribeDBInstances', 'rds:db:*'),
      ...call('rds', 'ListTagsForResource', instance),
    ],
    update: [
      ...call('rds', 'ModifyDBInstance', [
        instance,
        'rds:pg:{parameter_group_name}',
        'rds:subgrp:{db_subnet_group_name}',
        'rds:og:default:any',
      ]),
      ...call('rds', 'RebootDBInstance AddTagsToResource RemoveTagsFromResource', instance),
      ...call('secretsmanager', 'RotateSecret', rdsSecret),
    ],
    delete: [
      ...call('rds', 'DeleteDBInstance', instance),
      // The final snapshot, with the instance's tags.
      ...call('rds', 'CreateDBSnapshot', [instance, '+rds:snapshot:{identifier}-final']),
      ...call('rds', 'AddTagsToResource', '+rds:snapshot:{identifier}-final'),
    ],
  }),
  aws_db_instance_role_association: calls({
    create: [
      ...call('rds', 'AddRoleToDBInstance', 'rds:db:{db_instance_identifier}'),
      ...passRole('{role_arn}', 'rds.amazonaws.com'),
    ],
    read: call('rds', 'DescribeDBInstances', 'rds:db:*'),
    delete: call('rds', 'RemoveRoleFromDBInstance', 'rds:db:{db_instance_identifier}'),
  }),
  aws_db_parameter_group: calls({
    create: [
      ...call('rds', 'CreateDBParameterGroup AddTagsToResource', '+rds:pg:{name}'),
      ...call('rds', 'ModifyDBParameterGroup', 'rds:pg:{name}'),
    ],
    read: call('rds', 'DescribeDBParameterGroups DescribeDBParameters ListTagsForResource', 'rds:pg:{name}'),
    update: call(
      'rds',
      'ModifyDBParameterGroup ResetDBParameterGroup AddTagsToResource RemoveTagsFromResource',
      'rds:pg:{name}',
    ),
    delete: call('rds', 'DeleteDBParameterGroup', 'rds:pg:{name}'),
  }),
  aws_db_subnet_group: calls({
    create: call('rds', 'CreateDBSubnetGroup AddTagsToResource', '+rds:subgrp:{name}'),
    read: call('rds', 'DescribeDBSubnetGroups ListTagsForResource', 'rds:subgrp:{name}'),
    update: call('rds', 'ModifyDBSubnetGroup AddTagsToResource RemoveTagsFromResource', 'rds:subgrp:{name}'),
    delete: call('rds', 'DeleteDBSubnetGroup', 'rds:subgrp:{name}'),
  }),
  aws_redshiftserverless_namespace: calls({
    create: [
      ...call('redshift-serverless', 'CreateNamespace TagResource', `+${namespace}`),
      ...call('secretsmanager', 'CreateSecret TagResource RotateSecret DescribeSecret', `+${redshiftSecret}`),
      ...call('kms', 'DescribeKey', ['{kms_key_id}', '{admin_password_secret_kms_key_id}']),
      ...viaKey('CreateGrant Decrypt GenerateDataKey', '{kms_key_id}', 'redshift-serverless'),
      ...viaKey('Decrypt GenerateDataKey', '{admin_password_secret_kms_key_id}', 'secretsmanager'),
      ...passRole('{iam_roles}', 'redshift.amazonaws.com'),
      ...passRole('{iam_roles}', 'redshift-serverless.amazonaws.com'),
      ...serviceRole('redshift.amazonaws.com'),
    ],
    read: call('redshift-serverless', 'GetNamespace ListTagsForResource', namespace),
    update: [
      ...call('redshift-serverless', 'UpdateNamespace TagResource UntagResource', namespace),
      ...call('secretsmanager', 'UpdateSecret RotateSecret', redshiftSecret),
    ],
    delete: [
      ...call('redshift-serverless', 'DeleteNamespace', namespace),
      ...call('secretsmanager', 'DescribeSecret DeleteSecret', redshiftSecret),
    ],
  }),
  aws_redshiftserverless_workgroup: calls({
    create: [
      ...call('redshift-serverless', 'CreateWorkgroup TagResource', `+${workgroup}`),
      ...call(
        'ec2',
        'DescribeAccountAttributes DescribeAddresses DescribeAvailabilityZones DescribeInternetGateways DescribeSecurityGroups DescribeSubnets DescribeVpcAttribute DescribeVpcs',
        '*',
      ),
    ],
    read: call('redshift-serverless', 'GetWorkgroup ListTagsForResource', workgroup),
    update: call('redshift-serverless', 'UpdateWorkgroup TagResource UntagResource', workgroup),
    delete: call('redshift-serverless', 'DeleteWorkgroup', workgroup),
  }),
  aws_redshiftserverless_usage_limit: calls({
    create: call('redshift-serverless', 'CreateUsageLimit', '*'),
    read: call('redshift-serverless', 'GetUsageLimit', '*'),
    update: call('redshift-serverless', 'UpdateUsageLimit', '*'),
    delete: call('redshift-serverless', 'DeleteUsageLimit', '*'),
  }),
};
