import type { Environment } from '../../config/environment.ts';
import { allow, type Statement } from '../../constructs/policy-document.ts';
import { arnOf, catalogName, nameOf, parameterName } from '../../names.ts';

const verbs = (service: string, ...names: string[]): string[] => names.map((name) => `${service}:${name}`);

/** Buckets, databases, warehouse, catalog, queues, parameters. */
export function dataStatements(env: Environment): Statement[] {
  const own = nameOf(env, '*');
  const at = (service: string, ...parts: string[]): string[] =>
    parts.map((part) => arnOf(env, service, part));
  return [
    allow(
      verbs(
        's3',
        'CreateBucket',
        'DeleteBucket',
        'DeleteBucketPolicy',
        'GetBucket*',
        'PutBucket*',
        'GetEncryptionConfiguration',
        'PutEncryptionConfiguration',
        'GetLifecycleConfiguration',
        'PutLifecycleConfiguration',
        'GetAccelerateConfiguration',
        'GetReplicationConfiguration',
        'ListBucket',
      ),
      [`arn:aws:s3:::${own}`],
    ),
    // The jobs' scripts; data in the layers stays out of reach.
    allow(verbs('s3', 'GetObject', 'PutObject', 'DeleteObject'), [
      `arn:aws:s3:::${nameOf(env, 'scripts')}-*/spark/*`,
    ]),
    allow(
      verbs(
        'rds',
        'CreateDB*',
        'ModifyDB*',
        'DeleteDB*',
        'DescribeDB*',
        'RebootDBInstance',
        'AddRoleToDBInstance',
        'RemoveRoleFromDBInstance',
        'AddTagsToResource',
        'ListTagsForResource',
      ),
      at('rds', `db:${own}`, `pg:${own}`, `subgrp:${own}`, 'snapshot:*', 'og:*'),
    ),
    allow(verbs('redshift-serverless', 'CreateNamespace', 'CreateWorkgroup', 'CreateUsageLimit'), ['*']),
    allow(
      verbs('redshift-serverless', 'Get*', 'Update*', 'Delete*', 'TagResource', 'ListTagsForResource'),
      at('redshift-serverless', 'namespace/*', 'workgroup/*', 'usagelimit/*'),
    ),
    allow(verbs('redshift-data', 'ExecuteStatement'), at('redshift-serverless', 'workgroup/*')),
    allow(verbs('redshift-data', 'DescribeStatement', 'GetStatementResult'), ['*']),
    allow(
      verbs('glue', 'Create*', 'Update*', 'Delete*', 'Get*', 'TagResource', 'UntagResource'),
      at(
        'glue',
        'catalog',
        `database/${catalogName(env, '*')}`,
        `table/${catalogName(env, '*')}/*`,
        `connection/${own}`,
        `job/${own}`,
        `crawler/${own}`,
      ),
    ),
    allow(
      verbs('glue', 'CreateSecurityConfiguration', 'GetSecurityConfiguration', 'DeleteSecurityConfiguration'),
      ['*'],
    ),
    allow(
      verbs('dms', 'Create*', 'Modify*', 'Delete*', 'AddTagsToResource', 'ListTagsForResource'),
      at('dms', 'rep:*', 'endpoint:*', 'task:*', 'subgrp:*'),
    ),
    allow(
      verbs(
        'dms',
        'Describe*',
        'CreateReplicationInstance',
        'CreateEndpoint',
        'CreateReplicationSubnetGroup',
      ),
      ['*'],
    ),
    allow(
      verbs(
        'athena',
        'CreateWorkGroup',
        'UpdateWorkGroup',
        'DeleteWorkGroup',
        'GetWorkGroup',
        'TagResource',
        'ListTagsForResource',
      ),
      at('athena', `workgroup/${own}`),
    ),
    allow(
      verbs(
        'quicksight',
        'CreateDataSource',
        'UpdateDataSource*',
        'DeleteDataSource',
        'DescribeDataSource*',
        'TagResource',
        'ListTagsForResource',
      ),
      at('quicksight', `datasource/${own}`),
    ),
    allow(
      verbs(
        'sqs',
        'CreateQueue',
        'DeleteQueue',
        'SetQueueAttributes',
        'GetQueue*',
        'TagQueue',
        'ListQueueTags',
      ),
      at('sqs', own),
    ),
    allow(
      verbs(
        'sns',
        'CreateTopic',
        'DeleteTopic',
        'SetTopicAttributes',
        'Get*',
        'Subscribe',
        'Unsubscribe',
        'TagResource',
        'ListTagsForResource',
        'ListSubscriptionsByTopic',
      ),
      at('sns', own),
    ),
    allow(
      verbs(
        'ssm',
        'PutParameter',
        'DeleteParameter',
        'GetParameter',
        'GetParameters',
        'AddTagsToResource',
        'ListTagsForResource',
      ),
      at('ssm', `parameter${parameterName(env, '*')}`),
    ),
    allow(verbs('ssm', 'DescribeParameters'), ['*']),
    allow(
      verbs(
        'secretsmanager',
        'CreateSecret',
        'UpdateSecret',
        'DeleteSecret',
        'DescribeSecret',
        'GetResourcePolicy',
        'TagResource',
      ),
      at('secretsmanager', `secret:${parameterName(env, '*').slice(1)}`, 'secret:rds!*', 'secret:redshift!*'),
    ),
    // The Data API opens the warehouse with the administrator's secret to make the schemas.
    allow(verbs('secretsmanager', 'GetSecretValue'), at('secretsmanager', 'secret:redshift!*')),
    allow(verbs('budgets', 'ViewBudget', 'ModifyBudget', 'TagResource', 'ListTagsForResource'), [
      `arn:aws:budgets::${env.account}:budget/${own}`,
    ]),
  ];
}
