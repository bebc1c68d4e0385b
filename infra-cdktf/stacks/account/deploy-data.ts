import type { Environment } from '../../config/environment.ts';
import { allow, type Statement } from '../../constructs/policy-document.ts';
import { arnOf, catalogName, nameOf, parameterName } from '../../names.ts';
import { verbs } from './verbs.ts';

/** Buckets, catalog, replication, parameters, images. */
export function dataStatements(env: Environment): Statement[] {
  const own = nameOf(env, '*');
  const names = catalogName(env, '*');
  const at = (service: string, ...parts: string[]): string[] =>
    parts.map((part) => arnOf(env, service, part));
  const tagged = { StringEquals: { 'aws:ResourceTag/Environment': env.name } };
  return [
    allow(
      verbs(
        's3',
        'CreateBucket',
        'DeleteBucket',
        'DeleteBucketPolicy',
        'GetAccelerateConfiguration',
        'GetBucket*',
        'GetEncryptionConfiguration',
        'GetLifecycleConfiguration',
        'GetReplicationConfiguration',
        'ListBucket',
        'PutBucket*',
        'PutEncryptionConfiguration',
        'PutLifecycleConfiguration',
      ),
      [`arn:aws:s3:::${own}`],
    ),
    ...emptying(env),
    // The jobs' scripts; data in the layers stays out of sight.
    allow(verbs('s3', 'PutObject'), [`arn:aws:s3:::${nameOf(env, 'scripts')}-*/spark/*`]),
    allow(
      verbs(
        'glue',
        'CreateDatabase',
        'DeleteDatabase',
        'GetDatabase',
        'UpdateDatabase',
        'CreateConnection',
        'DeleteConnection',
        'GetConnection',
        'UpdateConnection',
        'CreateJob',
        'DeleteJob',
        'GetJob',
        'UpdateJob',
        'DeleteCrawler',
        'GetCrawler',
        'UpdateCrawler',
        'GetTags',
        'TagResource',
        'UntagResource',
      ),
      at(
        'glue',
        'catalog',
        `database/${names}`,
        `table/${names}/*`,
        `userDefinedFunction/${names}/*`,
        `connection/${own}`,
        `job/${own}`,
        `crawler/${own}`,
      ),
    ),
    allow(
      verbs(
        'glue',
        'CreateCrawler',
        'CreateSecurityConfiguration',
        'GetSecurityConfiguration',
        'DeleteSecurityConfiguration',
      ),
      ['*'],
    ),
    allow(
      verbs(
        'dms',
        'DeleteEndpoint',
        'DeleteReplication*',
        'ListTagsForResource',
        'ModifyEndpoint',
        'ModifyReplication*',
        'RemoveTagsFromResource',
        'StartReplicationTask',
        'StopReplicationTask',
      ),
      at('dms', 'rep:*', 'endpoint:*', 'task:*', 'cert:*', 'subgrp:*'),
      tagged,
    ),
    allow(
      verbs('dms', 'CreateEndpoint', 'CreateReplication*', 'AddTagsToResource'),
      at('dms', 'rep:*', 'endpoint:*', 'task:*', 'cert:*', 'subgrp:*'),
      {
        StringEqualsIfExists: {
          'aws:RequestTag/Environment': env.name,
          'aws:ResourceTag/Environment': env.name,
        },
      },
    ),
    allow(verbs('dms', 'Describe*'), ['*']),
    allow(
      verbs(
        'athena',
        'CreateWorkGroup',
        'DeleteWorkGroup',
        'GetWorkGroup',
        'ListTagsForResource',
        'TagResource',
        'UntagResource',
        'UpdateWorkGroup',
      ),
      at('athena', `workgroup/${own}`),
    ),
    allow(verbs('quicksight', 'CreateDataSource'), ['*']),
    allow(
      verbs(
        'quicksight',
        'DeleteDataSource',
        'DescribeDataSource*',
        'ListTagsForResource',
        'TagResource',
        'UntagResource',
        'UpdateDataSource*',
      ),
      at('quicksight', `datasource/${own}`),
    ),
    allow(
      verbs(
        'ssm',
        'AddTagsToResource',
        'DeleteParameter',
        'GetParameter',
        'GetParameters',
        'ListTagsForResource',
        'PutParameter',
        'RemoveTagsFromResource',
      ),
      at('ssm', `parameter${parameterName(env, '*')}`),
    ),
    allow(verbs('ssm', 'DescribeParameters'), ['*']),
    allow(
      verbs(
        'ecr',
        'Batch*',
        'CompleteLayerUpload',
        'CreateRepository',
        'DeleteLifecyclePolicy',
        'DeleteRepository',
        'DeleteRepositoryPolicy',
        'GetRepositoryPolicy',
        'SetRepositoryPolicy',
        'DescribeImages',
        'DescribeRepositories',
        'GetDownloadUrlForLayer',
        'GetLifecyclePolicy',
        'InitiateLayerUpload',
        'ListTagsForResource',
        'PutImage*',
        'PutLifecyclePolicy',
        'TagResource',
        'UntagResource',
        'UploadLayerPart',
      ),
      at('ecr', `repository/${own}`),
    ),
    allow(verbs('ecr', 'GetAuthorizationToken'), ['*']),
    ...(env.imagesFrom
      ? [
          allow(verbs('ecr', 'BatchCheckLayerAvailability', 'BatchGetImage', 'GetDownloadUrlForLayer'), [
            arnOf(env.imagesFrom, 'ecr', `repository/${nameOf(env.imagesFrom, 'worker')}`),
          ]),
        ]
      : []),
    allow(
      verbs('budgets', 'ListTagsForResource', 'ModifyBudget', 'TagResource', 'UntagResource', 'ViewBudget'),
      [`arn:aws:budgets::${env.account}:budget/${own}`],
    ),
  ];
}

/** A bucket that may be destroyed with what is in it is emptied first, old versions included. */
function emptying(env: Environment): Statement[] {
  if (env.protection.deletionProtection) return [];
  const own = `arn:aws:s3:::${nameOf(env, '*')}`;
  return [
    allow(verbs('s3', 'ListBucketVersions'), [own]),
    allow(verbs('s3', 'DeleteObject', 'DeleteObjectVersion'), [`${own}/*`]),
  ];
}
