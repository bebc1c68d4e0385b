import { call, type Call } from './call.ts';

const repository = [
  'ecr:repository/{project}-{environment}-worker',
  'ecr:repository/{project}-{environment}-mirror',
];
const scripts = 's3:{project}-{environment}-scripts-{account}-{region}';
const state = 's3:{state}';

/** What the workflows call themselves, under the deploy role: the state, the image, the Spark job. Templates as in the tables. */
export const deployWorkflowCalls: readonly Call[] = [
  ...call('s3', 'ListBucket', state),
  ...call('s3', 'GetObject PutObject DeleteObject', `${state}/{project}/{environment}/storage.tfstate`),
  ...call('ecr', 'GetAuthorizationToken', '*'),
  ...call(
    'ecr',
    'BatchCheckLayerAvailability BatchGetImage GetDownloadUrlForLayer InitiateLayerUpload UploadLayerPart CompleteLayerUpload PutImage DescribeImages',
    repository,
  ),
  ...call('s3', 'PutObject', `${scripts}/spark/extract_jdbc.py`),
  ...call('kms', 'GenerateDataKey', 'kms:key/there', { 'kms:ViaService': 's3.{region}.amazonaws.com' }),
];

/** Under the plan role: which image runs, and the states. */
export const planWorkflowCalls: readonly Call[] = [
  ...call('ecs', 'DescribeTaskDefinition', '*'),
  ...call('s3', 'ListBucket', state),
  ...call('s3', 'GetObject', `${state}/{project}/{environment}/storage.tfstate`),
];
