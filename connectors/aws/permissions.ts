/** What a permission is about; infra-cdktf/test/worker-permissions.test.ts says which ARN each is. */
export type AwsResource =
  | 'lake' // the bucket itself
  | 'loads' // its objects below `bronze/`
  | 'extracts' // its objects below `extracts/`
  | 'exports' // its objects below `exports/`
  | 'lake key'
  | 'job'
  | 'job log' // the streams of the log group that Glue writes errors to
  | 'workgroup'
  | 'own statements' // no ARN; narrowed by their owner
  | 'secrets'
  | 'secrets key'
  | 'parameters'
  | 'topic'
  | 'topic key'
  | 'own metrics' // no ARN; narrowed by their namespace
  | 'pages'
  | 'bucket of pages'
  | 'pages key'
  | 'task definitions'
  | 'any task definition' // no ARN
  | 'tasks' // no ARN; narrowed by their cluster
  | 'tasks of the cluster'
  | 'task role'
  | 'execution role'
  | 'log group of tasks' // its streams
  | 'tasks/ of the lake';

export interface AwsPermissions<Resource extends string = AwsResource> {
  readonly adapter: string;
  /** Where its calls are made. */
  readonly folder: string;
  /** The package that has them. */
  readonly client: string;
  /** The vendor's pages that say what a call needs. */
  readonly sources: readonly string[];
  /** Call (`GetObject` is made by `GetObjectCommand` or `paginateGetObject`) -> IAM action -> what it is on. */
  readonly calls: Readonly<Record<string, Readonly<Record<string, readonly Resource[]>>>>;
}

const REFERENCE = 'https://docs.aws.amazon.com/service-authorization/latest/reference';
const S3_SOURCES = [
  'https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html',
  'https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html#mpuAndPermissions',
];

const TABLES_OF_DATASETS = ['catalog', 'databases of datasets', 'tables of datasets'];

/** What the AWS adapters ask AWS for, as the IAM permissions that the worker's role needs. Both are held to it by tests. */
export const awsPermissions: readonly AwsPermissions[] = [
  {
    adapter: 'S3Lake',
    folder: 'connectors/lake/s3',
    client: '@aws-sdk/client-s3',
    sources: S3_SOURCES,
    calls: {
      // Without ListBucket an object that is not there is answered with 403 in place of 404.
      GetObject: {
        's3:GetObject': ['loads', 'extracts', 'exports'],
        's3:ListBucket': ['lake'],
        'kms:Decrypt': ['lake key'],
      },
      HeadObject: { 's3:GetObject': ['loads', 'extracts', 'exports'], 's3:ListBucket': ['lake'] },
      ListObjectsV2: { 's3:ListBucket': ['lake'] },
      PutObject: { 's3:PutObject': ['loads', 'extracts', 'exports'], 'kms:GenerateDataKey': ['lake key'] },
      CopyObject: {
        's3:GetObject': ['extracts'],
        's3:PutObject': ['loads'],
        'kms:Decrypt': ['lake key'],
        'kms:GenerateDataKey': ['lake key'],
      },
      DeleteObject: { 's3:DeleteObject': ['loads', 'extracts', 'exports'] },
      DeleteObjects: { 's3:DeleteObject': ['loads', 'extracts', 'exports'] },
      ListMultipartUploads: { 's3:ListBucketMultipartUploads': ['lake'] },
      AbortMultipartUpload: { 's3:AbortMultipartUpload': ['loads', 'extracts', 'exports'] },
    },
  },
  {
    adapter: 'FoundFiles',
    folder: 'connectors/files',
    client: '@aws-sdk/client-s3',
    sources: S3_SOURCES,
    // In other buckets than the lake's it needs what whoever waits for files there gives it.
    calls: { ListObjectsV2: { 's3:ListBucket': ['lake'] } },
  },
  {
    adapter: 'S3Lake, files in parts',
    folder: 'connectors/lake/s3',
    client: '@aws-sdk/lib-storage',
    sources: S3_SOURCES,
    calls: {
      // Creates, sends and completes under PutObject; the parts of one upload share a data key, which it reads back.
      Upload: {
        's3:PutObject': ['loads'],
        's3:AbortMultipartUpload': ['loads'],
        'kms:GenerateDataKey': ['lake key'],
        'kms:Decrypt': ['lake key'],
      },
    },
  },
  {
    adapter: 'Glue',
    folder: 'connectors/jobs/glue',
    client: '@aws-sdk/client-glue',
    sources: [`${REFERENCE}/list_awsglue.html`],
    calls: {
      StartJobRun: { 'glue:StartJobRun': ['job'] },
      GetJobRun: { 'glue:GetJobRun': ['job'] },
      GetJobRuns: { 'glue:GetJobRuns': ['job'] },
      BatchStopJobRun: { 'glue:BatchStopJobRun': ['job'] },
    },
  },
  {
    adapter: 'Glue, the end of a log',
    folder: 'connectors/jobs/glue',
    client: '@aws-sdk/client-cloudwatch-logs',
    sources: [`${REFERENCE}/list_amazoncloudwatchlogs.html`],
    calls: { GetLogEvents: { 'logs:GetLogEvents': ['job log'] } },
  },
  {
    adapter: 'RedshiftWarehouse',
    folder: 'connectors/warehouse/redshift',
    client: '@aws-sdk/client-redshift-data',
    sources: [
      `${REFERENCE}/list_amazonredshiftdataapi.html`,
      'https://docs.aws.amazon.com/redshift/latest/mgmt/data-api-access.html',
    ],
    calls: {
      // With SecretArn the service reads the secret in the caller's name. A provisioned cluster takes the workgroup's place; signing in
      // there without a secret asks for redshift:GetClusterCredentials (with `dbUser`) or redshift:GetClusterCredentialsWithIAM.
      ExecuteStatement: {
        'redshift-data:ExecuteStatement': ['workgroup'],
        'secretsmanager:GetSecretValue': ['secrets'],
        'kms:Decrypt': ['secrets key'],
      },
      BatchExecuteStatement: {
        'redshift-data:BatchExecuteStatement': ['workgroup'],
        'secretsmanager:GetSecretValue': ['secrets'],
        'kms:Decrypt': ['secrets key'],
      },
      DescribeStatement: { 'redshift-data:DescribeStatement': ['own statements'] },
      GetStatementResult: { 'redshift-data:GetStatementResult': ['own statements'] },
      CancelStatement: { 'redshift-data:CancelStatement': ['own statements'] },
    },
  },
  {
    adapter: 'RedshiftWarehouse, files of a load',
    folder: 'connectors/warehouse/redshift',
    client: '@aws-sdk/client-s3',
    sources: S3_SOURCES,
    calls: {
      GetObject: { 's3:GetObject': ['loads'], 'kms:Decrypt': ['lake key'] },
      PutObject: { 's3:PutObject': ['loads'], 'kms:GenerateDataKey': ['lake key'] },
    },
  },
  {
    adapter: 'AwsSecretsManager',
    folder: 'connectors/secrets',
    client: '@aws-sdk/client-secrets-manager',
    sources: [`${REFERENCE}/list_awssecretsmanager.html`],
    calls: {
      GetSecretValue: { 'secretsmanager:GetSecretValue': ['secrets'], 'kms:Decrypt': ['secrets key'] },
    },
  },
  {
    adapter: 'AwsParameters',
    folder: 'connectors/secrets',
    client: '@aws-sdk/client-ssm',
    sources: [`${REFERENCE}/list_awssystemsmanager.html`],
    calls: { GetParameter: { 'ssm:GetParameter': ['parameters'], 'kms:Decrypt': ['secrets key'] } },
  },
  {
    adapter: 'SnsNotify',
    folder: 'connectors/notify',
    client: '@aws-sdk/client-sns',
    sources: [
      `${REFERENCE}/list_amazonsns.html`,
      'https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html',
    ],
    calls: {
      Publish: {
        'sns:Publish': ['topic'],
        'kms:Decrypt': ['topic key'],
        'kms:GenerateDataKey': ['topic key'],
      },
    },
  },
  {
    adapter: 'CloudWatchMetrics',
    folder: 'connectors/metrics',
    client: '@aws-sdk/client-cloudwatch',
    sources: [`${REFERENCE}/list_amazoncloudwatch.html`],
    calls: { PutMetricData: { 'cloudwatch:PutMetricData': ['own metrics'] } },
  },
  {
    adapter: 'S3Place, published pages',
    folder: 'connectors/pages',
    client: '@aws-sdk/client-s3',
    sources: S3_SOURCES,
    calls: {
      GetObject: {
        's3:GetObject': ['pages'],
        's3:ListBucket': ['bucket of pages'],
        'kms:Decrypt': ['pages key'],
      },
      PutObject: { 's3:PutObject': ['pages'], 'kms:GenerateDataKey': ['pages key'] },
      DeleteObject: { 's3:DeleteObject': ['pages'] },
    },
  },
  {
    adapter: 'Ecs',
    folder: 'connectors/jobs/ecs',
    client: '@aws-sdk/client-ecs',
    sources: [`${REFERENCE}/list_amazonelasticcontainerservice.html`],
    calls: {
      // The roles are handed to the service with the task's definition.
      RegisterTaskDefinition: {
        'ecs:RegisterTaskDefinition': ['task definitions'],
        'iam:PassRole': ['execution role', 'task role'],
      },
      DescribeTaskDefinition: { 'ecs:DescribeTaskDefinition': ['any task definition'] },
      RunTask: { 'ecs:RunTask': ['task definitions'], 'iam:PassRole': ['execution role', 'task role'] },
      ListTasks: { 'ecs:ListTasks': ['tasks'] },
      DescribeTasks: { 'ecs:DescribeTasks': ['tasks of the cluster'] },
      StopTask: { 'ecs:StopTask': ['tasks of the cluster'] },
    },
  },
  {
    adapter: 'Ecs, logs',
    folder: 'connectors/jobs/ecs',
    client: '@aws-sdk/client-cloudwatch-logs',
    sources: [`${REFERENCE}/list_amazoncloudwatchlogs.html`],
    calls: { GetLogEvents: { 'logs:GetLogEvents': ['log group of tasks'] } },
  },
  {
    adapter: 'Ecs and tasks on Glue, input and output',
    folder: 'connectors/jobs',
    client: '@aws-sdk/client-s3',
    sources: S3_SOURCES,
    calls: {
      PutObject: { 's3:PutObject': ['tasks/ of the lake'], 'kms:GenerateDataKey': ['lake key'] },
      GetObject: {
        's3:GetObject': ['tasks/ of the lake'],
        's3:ListBucket': ['lake'],
        'kms:Decrypt': ['lake key'],
      },
      HeadObject: { 's3:GetObject': ['tasks/ of the lake'], 's3:ListBucket': ['lake'] },
      ListObjectsV2: { 's3:ListBucket': ['lake'] },
      DeleteObject: { 's3:DeleteObject': ['tasks/ of the lake'] },
      DeleteObjects: { 's3:DeleteObject': ['tasks/ of the lake'] },
    },
  },
];

/** What only some profiles need; infra-cdktf grants none of it. */
export const optionalPermissions: readonly AwsPermissions<string>[] = [
  {
    adapter: 'S3Lake, datasets',
    folder: 'connectors/lake/s3',
    client: '@aws-sdk/client-s3',
    sources: S3_SOURCES,
    calls: {
      GetObject: { 's3:GetObject': ['publications'], 'kms:Decrypt': ['lake key'] },
      PutObject: { 's3:PutObject': ['publications'], 'kms:GenerateDataKey': ['lake key'] },
      CopyObject: {
        's3:GetObject': ['extracts'],
        's3:PutObject': ['datasets'],
        'kms:Decrypt': ['lake key'],
        'kms:GenerateDataKey': ['lake key'],
      },
      DeleteObject: { 's3:DeleteObject': ['publications', 'datasets'] },
      DeleteObjects: { 's3:DeleteObject': ['publications', 'datasets'] },
    },
  },
  {
    adapter: 'GlueCatalog',
    folder: 'connectors/catalog/glue',
    client: '@aws-sdk/client-glue',
    sources: [
      `${REFERENCE}/list_awsglue.html`,
      'https://docs.aws.amazon.com/glue/latest/dg/glue-specifying-resource-arns.html',
    ],
    // What is done to a table is asked for on its database and on the catalog as well.
    calls: {
      GetDatabase: { 'glue:GetDatabase': ['catalog', 'databases of datasets'] },
      CreateDatabase: { 'glue:CreateDatabase': ['catalog', 'databases of datasets'] },
      GetTable: { 'glue:GetTable': TABLES_OF_DATASETS },
      CreateTable: { 'glue:CreateTable': TABLES_OF_DATASETS },
      UpdateTable: { 'glue:UpdateTable': TABLES_OF_DATASETS },
      DeleteTable: { 'glue:DeleteTable': TABLES_OF_DATASETS },
      GetPartitions: { 'glue:GetPartitions': TABLES_OF_DATASETS },
      BatchCreatePartition: { 'glue:BatchCreatePartition': TABLES_OF_DATASETS },
      BatchUpdatePartition: { 'glue:BatchUpdatePartition': TABLES_OF_DATASETS },
      BatchDeletePartition: { 'glue:BatchDeletePartition': TABLES_OF_DATASETS },
    },
  },
  {
    adapter: 'FilesSource',
    folder: 'connectors/source/files',
    client: '@aws-sdk/client-s3',
    sources: [
      ...S3_SOURCES,
      'https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadBucket.html#API_HeadBucket_RequestSyntax',
    ],
    calls: {
      ListObjectsV2: { 's3:ListBucket': ['bucket of files'] },
      HeadBucket: { 's3:ListBucket': ['bucket of files'] },
      GetObject: { 's3:GetObject': ['files'], 's3:ListBucket': ['bucket of files'] },
    },
  },
];
