import { at, blocks, findings, nameOfResource, ofType, refersTo, type Rule } from '../resource.ts';

/** Resource type -> where the ARN of its key stands. */
const keyed: Readonly<Record<string, string>> = {
  aws_athena_workgroup: 'configuration.result_configuration.encryption_configuration.kms_key_arn',
  aws_cloudtrail: 'kms_key_id',
  aws_cloudwatch_log_group: 'kms_key_id',
  aws_db_instance: 'kms_key_id',
  aws_dms_replication_instance: 'kms_key_arn',
  aws_dms_s3_endpoint: 'server_side_encryption_kms_key_id',
  aws_ecr_repository: 'encryption_configuration.kms_key',
  aws_ecs_cluster: 'configuration.execute_command_configuration.kms_key_id',
  aws_glue_security_configuration: 'encryption_configuration.s3_encryption.kms_key_arn',
  aws_lambda_function: 'kms_key_arn',
  aws_redshiftserverless_namespace: 'kms_key_id',
  aws_secretsmanager_secret: 'kms_key_id',
  aws_sns_topic: 'kms_master_key_id',
  aws_sqs_queue: 'kms_master_key_id',
};
/** Clusters without a door open no sessions. */
const optional = new Set(['aws_ecs_cluster']);

export const encryptionRules: readonly Rule[] = [
  {
    id: 'own-key',
    says: 'what holds data is encrypted with a key of ours',
    check: (subject) =>
      Object.entries(keyed).flatMap(([type, path]) =>
        findings(
          ofType(subject, type),
          ({ values }) =>
            Boolean(at(values, path)) || (optional.has(type) && blocks(values['configuration']).length === 0),
          `no key under ${path}`,
        ),
      ),
  },
  {
    id: 'bucket-key',
    says: 'buckets encrypt with a key of ours',
    check: (subject) => {
      const settings = ofType(subject, 'aws_s3_bucket_server_side_encryption_configuration');
      return findings(
        ofType(subject, 'aws_s3_bucket'),
        (bucket) =>
          settings.some(
            ({ values }) =>
              refersTo(values['bucket'], bucket) &&
              Boolean(at(values, 'rule.apply_server_side_encryption_by_default.kms_master_key_id')),
          ),
        'no default encryption with a key',
      );
    },
  },
  {
    id: 'storage-encrypted',
    says: 'database storage is encrypted',
    check: (subject) =>
      findings(
        ofType(subject, 'aws_db_instance'),
        ({ values }) => values['storage_encrypted'] === true,
        'storage_encrypted is not true',
      ),
  },
  {
    id: 'key-rotation',
    says: 'keys rotate',
    check: (subject) =>
      findings(
        ofType(subject, 'aws_kms_key'),
        ({ values }) => values['enable_key_rotation'] === true,
        'enable_key_rotation is not true',
      ),
  },
  {
    id: 'no-secret-values',
    says: 'no secret passes through Terraform',
    check: (subject) => [
      ...findings(
        ofType(subject, 'aws_secretsmanager_secret_version'),
        () => false,
        'secret values are put by the provision function',
      ),
      ...findings(
        ofType(subject, 'aws_ssm_parameter'),
        ({ values }) => values['type'] === 'String',
        'a secret belongs in Secrets Manager',
      ),
      ...findings(
        ofType(subject, 'aws_db_instance'),
        ({ values }) => values['manage_master_user_password'] === true && !values['password'],
        'RDS must manage the password',
      ),
      ...findings(
        ofType(subject, 'aws_redshiftserverless_namespace'),
        ({ values }) => values['manage_admin_password'] === true && !values['admin_user_password'],
        'Redshift must manage the password',
      ),
      ...findings(
        ofType(subject, 'aws_dms_endpoint'),
        ({ values }) => Boolean(values['secrets_manager_arn']) && !values['password'],
        'the endpoint must take its secret by ARN',
      ),
    ],
  },
  {
    id: 'no-plain-secrets',
    says: 'containers and functions get passwords by ARN only',
    check: (subject) =>
      ofType(subject, 'aws_ecs_task_definition', 'aws_lambda_function').flatMap((resource) =>
        plainVariables(resource.values)
          .filter((name) => /PASSWORD|PWD|PASS$|TOKEN|SECRET(?!_ARN)/.test(name))
          .map((name) => ({ resource: nameOfResource(resource), detail: `${name} is in plain text` })),
      ),
  },
];

function plainVariables(values: Parameters<typeof at>[0]): string[] {
  const definitions = values['container_definitions'];
  if (typeof definitions === 'string') {
    const containers = JSON.parse(definitions) as { environment?: { name: string }[] }[];
    return containers.flatMap((container) => (container.environment ?? []).map(({ name }) => name));
  }
  return Object.keys(blocks(at(values, 'environment.variables'))[0] ?? {});
}
