import { call, calls, passRole, type Call, type CallTable } from './call.ts';

const bucket = 's3:{bucket}';
const s3 = (actions: string, on: string | readonly string[] = bucket): Call[] => call('s3', actions, on);
const glue = (actions: string, on: string | readonly string[]): Call[] => call('glue', actions, on);
const dms = (actions: string, on: string | readonly string[]): Call[] => call('dms', actions, on);
const catalog = 'glue:catalog';
const database = 'glue:database/{name}';
const instance = 'dms:rep:THERE';
const endpoint = 'dms:endpoint:THERE';
const task = 'dms:task:THERE';
const subnets = 'dms:subgrp:{replication_subnet_group_id}';
const certificate = 'dms:cert:THERE';
const source = 'quicksight:datasource/{data_source_id}';
const workgroup = 'athena:workgroup/{name}';

/** One part of a bucket's settings: read by one action, written and taken away by another. */
const setting = (read: string, write: string, remove = write): CallTable[string] =>
  calls({ create: s3(write), read: s3(read), update: s3(write), delete: s3(remove) });

export const dataCalls: CallTable = {
  aws_s3_bucket: calls({
    create: [...s3('CreateBucket PutBucketTagging', `+${bucket}`)],
    read: s3(
      'ListBucket GetBucketLocation GetBucketTagging GetBucketPolicy GetBucketAcl GetBucketCORS GetBucketWebsite GetBucketVersioning GetAccelerateConfiguration GetBucketRequestPayment GetBucketLogging GetLifecycleConfiguration GetReplicationConfiguration GetEncryptionConfiguration GetBucketObjectLockConfiguration',
    ),
    update: s3('PutBucketTagging'),
    delete: [
      ...s3('DeleteBucket'),
      // `force_destroy` empties it first, versions included; `{?…}` only then.
      ...s3('ListBucket ListBucketVersions', `{?force_destroy}${bucket}`),
      ...s3('DeleteObject DeleteObjectVersion', `{?force_destroy}${bucket}/any`),
    ],
  }),
  aws_s3_bucket_lifecycle_configuration: setting('GetLifecycleConfiguration', 'PutLifecycleConfiguration'),
  aws_s3_bucket_logging: setting('GetBucketLogging', 'PutBucketLogging'),
  aws_s3_bucket_notification: setting('GetBucketNotification', 'PutBucketNotification'),
  aws_s3_bucket_ownership_controls: setting('GetBucketOwnershipControls', 'PutBucketOwnershipControls'),
  aws_s3_bucket_policy: setting('GetBucketPolicy', 'PutBucketPolicy', 'DeleteBucketPolicy'),
  aws_s3_bucket_public_access_block: setting('GetBucketPublicAccessBlock', 'PutBucketPublicAccessBlock'),
  aws_s3_bucket_server_side_encryption_configuration: setting(
    'GetEncryptionConfiguration',
    'PutEncryptionConfiguration',
  ),
  aws_s3_bucket_versioning: setting('GetBucketVersioning', 'PutBucketVersioning'),

  aws_glue_catalog_database: calls({
    create: [...glue('CreateDatabase', [catalog, `+${database}`]), ...glue('TagResource', `+${database}`)],
    read: [...glue('GetDatabase', [catalog, database]), ...glue('GetTags', database)],
    update: [...glue('UpdateDatabase', [catalog, database]), ...glue('TagResource UntagResource', database)],
    delete: glue('DeleteDatabase', [
      catalog,
      database,
      'glue:table/{name}/any',
      'glue:userDefinedFunction/{name}/any',
    ]),
  }),
  aws_glue_connection: calls({
    create: [...glue('CreateConnection', catalog), ...glue('TagResource', '+glue:connection/{name}')],
    read: [
      ...glue('GetConnection', [catalog, 'glue:connection/{name}']),
      ...glue('GetTags', 'glue:connection/{name}'),
    ],
    update: [
      ...glue('UpdateConnection', [catalog, 'glue:connection/{name}']),
      ...glue('TagResource UntagResource', 'glue:connection/{name}'),
    ],
    delete: glue('DeleteConnection', [catalog, 'glue:connection/{name}']),
  }),
  aws_glue_crawler: calls({
    create: [
      ...glue('CreateCrawler', '*'),
      ...glue('TagResource', '+glue:crawler/{name}'),
      ...passRole('{role}', 'glue.amazonaws.com'),
    ],
    read: glue('GetCrawler GetTags', 'glue:crawler/{name}'),
    update: glue('UpdateCrawler TagResource UntagResource', 'glue:crawler/{name}'),
    delete: glue('DeleteCrawler', 'glue:crawler/{name}'),
  }),
  aws_glue_job: calls({
    create: [
      ...glue('CreateJob TagResource', '+glue:job/{name}'),
      ...passRole('{role_arn}', 'glue.amazonaws.com'),
    ],
    read: glue('GetJob GetTags', 'glue:job/{name}'),
    update: glue('UpdateJob TagResource UntagResource', 'glue:job/{name}'),
    delete: glue('DeleteJob', 'glue:job/{name}'),
  }),
  aws_glue_security_configuration: calls({
    create: glue('CreateSecurityConfiguration', '*'),
    read: glue('GetSecurityConfiguration', '*'),
    delete: glue('DeleteSecurityConfiguration', '*'),
  }),

  aws_dms_replication_subnet_group: calls({
    create: [...dms('CreateReplicationSubnetGroup AddTagsToResource', `+${subnets}`)],
    read: [...dms('DescribeReplicationSubnetGroups', '*'), ...dms('ListTagsForResource', subnets)],
    update: dms('ModifyReplicationSubnetGroup AddTagsToResource RemoveTagsFromResource', subnets),
    delete: dms('DeleteReplicationSubnetGroup', subnets),
  }),
  aws_dms_replication_instance: calls({
    create: [
      ...dms('CreateReplicationInstance', [`+${instance}`, subnets]),
      ...dms('AddTagsToResource', `+${instance}`),
      ...call('kms', 'DescribeKey', '{kms_key_arn}'),
      ...call('kms', 'CreateGrant', '{kms_key_arn}', { 'kms:ViaService': 'dms.{region}.amazonaws.com' }),
    ],
    read: [...dms('DescribeReplicationInstances', '*'), ...dms('ListTagsForResource', instance)],
    update: dms('ModifyReplicationInstance AddTagsToResource RemoveTagsFromResource', instance),
    delete: dms('DeleteReplicationInstance', instance),
  }),
  aws_dms_endpoint: calls({
    create: [
      ...dms('CreateEndpoint', [`+${endpoint}`, certificate]),
      ...dms('AddTagsToResource', `+${endpoint}`),
      ...passRole('{secrets_manager_access_role_arn}', 'dms.{region}.amazonaws.com'),
    ],
    read: [...dms('DescribeEndpoints', '*'), ...dms('ListTagsForResource', endpoint)],
    update: dms('ModifyEndpoint AddTagsToResource RemoveTagsFromResource', endpoint),
    delete: dms('DeleteEndpoint', endpoint),
  }),
  aws_dms_s3_endpoint: calls({
    create: [
      ...dms('CreateEndpoint AddTagsToResource', `+${endpoint}`),
      ...passRole('{service_access_role_arn}', 'dms.amazonaws.com'),
    ],
    read: [...dms('DescribeEndpoints', '*'), ...dms('ListTagsForResource', endpoint)],
    update: dms('ModifyEndpoint AddTagsToResource RemoveTagsFromResource', endpoint),
    delete: dms('DeleteEndpoint', endpoint),
  }),
  aws_dms_replication_task: calls({
    create: [...dms('CreateReplicationTask', [endpoint, instance]), ...dms('AddTagsToResource', `+${task}`)],
    read: [...dms('DescribeReplicationTasks', '*'), ...dms('ListTagsForResource', task)],
    // A running task is stopped for a change and started again.
    update: dms(
      'ModifyReplicationTask StopReplicationTask StartReplicationTask AddTagsToResource RemoveTagsFromResource',
      task,
    ),
    delete: dms('StopReplicationTask DeleteReplicationTask', task),
  }),

  aws_athena_workgroup: calls({
    create: call('athena', 'CreateWorkGroup TagResource', `+${workgroup}`),
    read: call('athena', 'GetWorkGroup ListTagsForResource', workgroup),
    update: call('athena', 'UpdateWorkGroup TagResource UntagResource', workgroup),
    delete: call('athena', 'DeleteWorkGroup', workgroup),
  }),
  aws_quicksight_data_source: calls({
    create: [
      ...call('quicksight', 'CreateDataSource', '*'),
      ...call('quicksight', 'TagResource', `+${source}`),
    ],
    read: call('quicksight', 'DescribeDataSource DescribeDataSourcePermissions ListTagsForResource', source),
    update: call(
      'quicksight',
      'UpdateDataSource UpdateDataSourcePermissions TagResource UntagResource',
      source,
    ),
    delete: call('quicksight', 'DeleteDataSource', source),
  }),
};
