import type { Json, JsonObject } from '../terraform/synthesized.ts';
import { blocks, type Resource, text } from '../policy/resource.ts';

/** Breaks one thing in a copy of an environment. */
export type Mutation = (resources: Resource[]) => void;

/** Rule -> how to break it. */
export const mutations: Readonly<Record<string, Mutation>> = {
  'own-key': unset('aws_db_instance', 'kms_key_id'),
  'bucket-key': remove('aws_s3_bucket_server_side_encryption_configuration', 'bronze-encryption'),
  'storage-encrypted': set('aws_db_instance', { storage_encrypted: false }),
  'key-rotation': set('aws_kms_key', { enable_key_rotation: false }),
  'no-secret-values': set('aws_db_instance', { manage_master_user_password: false, password: 'hunter2' }),
  'no-plain-secrets': (resources) =>
    editContainers(resources, 'temporal-frontend-task', '"name":"POSTGRES_USER"', '"name":"POSTGRES_PWD"'),
  'bucket-private': set('aws_s3_bucket_public_access_block', { block_public_policy: false }),
  'bucket-ownership': remove('aws_s3_bucket_ownership_controls', 'gold-ownership'),
  'bucket-versioning': remove('aws_s3_bucket_versioning', 'silver-versioning'),
  'bucket-tls': editPolicy('aws_s3_bucket_policy', 'bronze-policy', (statement) => ({
    ...statement,
    Effect: 'Allow',
  })),
  'bucket-clean-up': set('aws_s3_bucket_lifecycle_configuration', { rule: [] }),
  'no-public-address': set('aws_redshiftserverless_workgroup', { publicly_accessible: true }),
  'no-open-port': set('aws_vpc_security_group_ingress_rule', { cidr_ipv4: '0.0.0.0/0' }),
  'default-group-empty': set('aws_default_security_group', {
    egress: [{ protocol: '-1', cidr_blocks: ['0.0.0.0/0'] }],
  }),
  'in-the-vpc': set('aws_lambda_function', { vpc_config: [] }),
  'flow-logs': remove('aws_flow_log', 'flow-log'),
  'database-tls': set('aws_db_parameter_group', { parameter: [{ name: 'rds.force_ssl', value: '0' }] }),
  'temporal-tls': (resources) =>
    editContainers(
      resources,
      'temporal-history-task',
      '"SQL_HOST_VERIFICATION","value":"true"',
      '"SQL_HOST_VERIFICATION","value":"false"',
    ),
  names: set('aws_sqs_queue', { name: 'letters' }),
  tags: set('provider', { default_tags: [] }),
  'account-pinned': unset('provider', 'allowed_account_ids'),
  'log-retention': unset('aws_cloudwatch_log_group', 'retention_in_days'),
  'deletion-protection': set('aws_db_instance', { deletion_protection: false }),
  'prevent-destroy': set('aws_s3_bucket', { lifecycle: { prevent_destroy: false } }),
  'multi-az': set('aws_dms_replication_instance', { multi_az: false }),
  backups: set('aws_db_instance', { backup_retention_period: 0 }),
  'alarms-reach-somebody': set('aws_cloudwatch_metric_alarm', { alarm_actions: [] }),
  'dead-letters-watched': (resources) =>
    resources.push({
      stack: 'ingestion',
      type: 'aws_sqs_queue',
      id: 'unwatched',
      values: { name: 'sluice-production-unwatched' },
    }),
  'spending-bounded': unset('aws_redshiftserverless_workgroup', 'max_capacity'),
  'iam-actions': editPolicy('aws_iam_role_policy', 'worker-policy', (statement) => ({
    ...statement,
    Action: ['s3:*'],
  })),
  'iam-pass-role': editPolicy('aws_iam_role_policy', 'worker-policy', () => ({
    Effect: 'Allow',
    Action: ['iam:PassRole'],
    Resource: ['arn:aws:iam::1:role/*'],
  })),
  'iam-trust': editPolicy('aws_iam_role', 'emr-job-role', (statement) => ({ ...statement, Condition: {} })),
  'iam-resource-policies': editPolicy('aws_s3_bucket_policy', 'gold-policy', () => ({
    Effect: 'Allow',
    Principal: '*',
    Action: ['s3:GetObject'],
    Resource: ['*'],
  })),
  'iam-event-bridge': editPolicy(
    'aws_kms_key',
    'operations-key',
    (statement) => ({ ...statement, Condition: { StringEquals: { 'aws:SourceAccount': '1' } } }),
    'EventBridge',
  ),
  'iam-lambda-source': unset('aws_lambda_permission', 'source_arn'),
  'iam-own-role': (resources) => {
    const [first, second] = resources.filter(({ type }) => type === 'aws_lambda_function');
    if (first && second) second.values['role'] = first.values['role'] ?? null;
  },
  'iam-managed-policies': set('aws_iam_role_policy_attachment', {
    policy_arn: 'arn:aws:iam::aws:policy/AdministratorAccess',
  }),
  'iam-boundary': (resources) => {
    for (const { type, values } of resources)
      if (type === 'aws_iam_role') values['permissions_boundary'] = null;
  },
  'iam-policy-size': editPolicy('aws_iam_role_policy', 'worker-policy', (statement) => ({
    ...statement,
    Sid: 'x'.repeat(10_240),
  })),
  'iam-used-roles': remove('aws_iam_role_policy', 'emr-job-policy'),
};

/** Sets attributes of the first resource of a type. */
function set(type: string, values: JsonObject): Mutation {
  return (resources) => Object.assign(first(resources, type).values, values);
}

function unset(type: string, attribute: string): Mutation {
  return (resources) => {
    Reflect.deleteProperty(first(resources, type).values, attribute);
  };
}

function remove(type: string, id: string): Mutation {
  return (resources) => {
    resources.splice(resources.indexOf(named(resources, type, id)), 1);
  };
}

/** Changes the first statement of a policy, or the one of this name; whichever attribute holds it. */
function editPolicy(
  type: string,
  id: string,
  change: (statement: JsonObject) => JsonObject,
  sid?: string,
): Mutation {
  return (resources) => {
    const { values } = named(resources, type, id);
    const attribute = 'assume_role_policy' in values ? 'assume_role_policy' : 'policy';
    const document = JSON.parse(text(values[attribute])) as { Statement: Json };
    const all = blocks(document.Statement);
    const at = sid === undefined ? 0 : all.findIndex((statement) => statement['Sid'] === sid);
    const Statement = all.map((statement, index) => (index === at ? change(statement) : statement));
    values[attribute] = JSON.stringify({ ...document, Statement });
  };
}

function editContainers(resources: Resource[], id: string, from: string, to: string): void {
  const { values } = named(resources, 'aws_ecs_task_definition', id);
  const before = text(values['container_definitions']);
  values['container_definitions'] = before.replace(from, to);
  if (values['container_definitions'] === before) throw new Error(`${id} does not contain ${from}`);
}

function first(resources: readonly Resource[], type: string): Resource {
  const found = resources.find((resource) => resource.type === type);
  if (!found) throw new Error(`no ${type}`);
  return found;
}

function named(resources: readonly Resource[], type: string, id: string): Resource {
  const found = resources.find((resource) => resource.type === type && resource.id === id);
  if (!found) throw new Error(`no ${type}.${id}`);
  return found;
}
