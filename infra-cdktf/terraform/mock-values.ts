import type { Environment } from '../config/environment.ts';
import type { ArnAttributes } from './schema.ts';
import type { Json, JsonObject } from './synthesized.ts';

type Resource = JsonObject;
type Describe = (resource: Resource, fallback: string) => string;

const named =
  (attribute: string, pattern: (name: string) => string): Describe =>
  (resource, fallback) =>
    pattern(text(resource[attribute]) ?? fallback);

/** What stands behind `arn:aws:<service>:<region>:<account>:` for types whose ARNs appear in policies written by hand. */
const resourceParts: Readonly<Record<string, readonly [service: string, part: Describe]>> = {
  aws_cloudwatch_log_group: ['logs', named('name', (name) => `log-group:${name}`)],
  aws_ecs_cluster: ['ecs', named('name', (name) => `cluster/${name}`)],
  aws_ecs_task_definition: ['ecs', named('family', (name) => `task-definition/${name}:1`)],
  aws_redshiftserverless_namespace: ['redshift-serverless', (_, fallback) => `namespace/${fallback}`],
  aws_redshiftserverless_workgroup: ['redshift-serverless', (_, fallback) => `workgroup/${fallback}`],
  aws_emrserverless_application: ['emr-serverless', (_, fallback) => `/applications/${fallback}`],
  aws_athena_workgroup: ['athena', named('name', (name) => `workgroup/${name}`)],
  aws_ecr_repository: ['ecr', named('name', (name) => `repository/${name}`)],
  aws_glue_job: ['glue', named('name', (name) => `job/${name}`)],
  aws_lambda_function: ['lambda', named('function_name', (name) => `function:${name}`)],
  aws_secretsmanager_secret: ['secretsmanager', named('name', (name) => `secret:${name}-a1b2c3`)],
  aws_sns_topic: ['sns', named('name', (name) => name)],
  aws_sqs_queue: ['sqs', named('name', (name) => name)],
  aws_kms_key: ['kms', (_, fallback) => `key/${fallback}`],
  aws_cloudwatch_event_rule: ['events', named('name', (name) => `rule/${name}`)],
};

/** What the mocked apply shall answer for one resource: its own ARN, so that resources can be told apart, and ids that AWS derives from names. */
export function mockValues(
  env: Environment,
  type: string,
  id: string,
  resource: Resource,
  arns: ArnAttributes,
): JsonObject {
  const values: JsonObject = {};
  for (const attribute of arns[type] ?? []) {
    if (resource[attribute] === undefined)
      values[attribute] =
        attribute === 'arn' ? ownArn(env, type, id, resource) : otherArn(env, type, id, attribute);
  }
  return { ...values, ...particular(env, type, id, resource) };
}

function ownArn(env: Environment, type: string, id: string, resource: Resource): string {
  if (type === 'aws_s3_bucket') return `arn:aws:s3:::${text(resource['bucket']) ?? id}`;
  if (type === 'aws_iam_role') return `arn:aws:iam::${env.account}:role/${text(resource['name']) ?? id}`;
  if (type === 'aws_iam_policy') return `arn:aws:iam::${env.account}:policy/${text(resource['name']) ?? id}`;
  const [service, part] = resourceParts[type] ?? [
    type.split('_')[1] ?? 'aws',
    () => `${type.slice('aws_'.length)}/${id}`,
  ];
  return `arn:aws:${service}:${env.region}:${env.account}:${part(resource, id)}`;
}

function otherArn(env: Environment, type: string, id: string, attribute: string): string {
  const service = attribute.includes('secret') ? 'secretsmanager' : (type.split('_')[1] ?? 'aws');
  return `arn:aws:${service}:${env.region}:${env.account}:${attribute}/${id}`;
}

/** Computed lists and ids that a mock leaves empty or random. */
function particular(env: Environment, type: string, id: string, resource: Resource): JsonObject {
  const secret = `arn:aws:secretsmanager:${env.region}:${env.account}:secret:${managedPrefix(type)}!${id}`;
  switch (type) {
    case 'aws_s3_bucket':
      return { id: text(resource['bucket']) ?? id };
    case 'aws_iam_role':
      return { id: text(resource['name']) ?? id };
    case 'aws_db_instance':
      return {
        address: `${id}.example.${env.region}.rds.amazonaws.com`,
        master_user_secret: [{ secret_arn: secret, secret_status: 'active', kms_key_id: '' }],
      };
    case 'aws_dms_replication_task':
      return { replication_task_arn: `arn:aws:dms:${env.region}:${env.account}:task:${id.toUpperCase()}` };
    case 'aws_lambda_invocation':
      return { result: JSON.stringify(`arn:aws:dms:${env.region}:${env.account}:cert:${id.toUpperCase()}`) };
    case 'aws_redshiftserverless_namespace':
      return { admin_password_secret_arn: secret };
    case 'aws_redshiftserverless_workgroup':
      return {
        endpoint: [
          {
            address: `${id}.example.${env.region}.redshift-serverless.amazonaws.com`,
            port: 5439,
            vpc_endpoint: [],
          },
        ],
      };
    default:
      return {};
  }
}

function managedPrefix(type: string): string {
  return type === 'aws_db_instance' ? 'rds' : 'redshift';
}

function text(value: Json | undefined): string | undefined {
  return typeof value === 'string' && !value.includes('${') ? value : undefined;
}
