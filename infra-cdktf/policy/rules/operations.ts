import {
  at,
  blocks,
  findings,
  nameOfResource,
  ofType,
  type Rule,
  type Subject,
  text,
  texts,
} from '../resource.ts';

/** The attribute that is a resource's name in AWS. */
const nameAttributes: Readonly<Record<string, string>> = {
  aws_athena_workgroup: 'name',
  aws_budgets_budget: 'name',
  aws_cloudwatch_dashboard: 'dashboard_name',
  aws_cloudwatch_event_rule: 'name',
  aws_cloudwatch_metric_alarm: 'alarm_name',
  aws_db_instance: 'identifier',
  aws_db_parameter_group: 'name',
  aws_db_subnet_group: 'name',
  aws_dms_endpoint: 'endpoint_id',
  aws_dms_replication_instance: 'replication_instance_id',
  aws_dms_replication_task: 'replication_task_id',
  aws_ecr_repository: 'name',
  aws_ecs_cluster: 'name',
  aws_ecs_service: 'name',
  aws_ecs_task_definition: 'family',
  aws_emrserverless_application: 'name',
  aws_glue_connection: 'name',
  aws_glue_crawler: 'name',
  aws_glue_job: 'name',
  aws_iam_policy: 'name',
  aws_iam_role: 'name',
  aws_lambda_function: 'function_name',
  aws_redshiftserverless_namespace: 'namespace_name',
  aws_redshiftserverless_workgroup: 'workgroup_name',
  aws_s3_bucket: 'bucket',
  aws_security_group: 'name',
  aws_sns_topic: 'name',
  aws_sqs_queue: 'name',
};
const requiredTags = ['Project', 'Environment', 'Stack', 'ManagedBy'];

export const operationsRules: readonly Rule[] = [
  {
    id: 'names',
    says: 'names start with project and environment',
    check: (subject) => [
      ...Object.entries(nameAttributes).flatMap(([type, attribute]) =>
        findings(
          ofType(subject, type).filter(({ stack }) => stack !== 'account'),
          ({ values }) => text(values[attribute]).startsWith(`${subject.env.project}-${subject.env.name}-`),
          `${attribute} does not start with ${subject.env.project}-${subject.env.name}-`,
        ),
      ),
      ...findings(
        ofType(subject, 'aws_glue_catalog_database'),
        ({ values }) => text(values['name']).startsWith(`${subject.env.project}_${subject.env.name}_`),
        'name does not start with project and environment',
      ),
      ...findings(
        ofType(subject, 'aws_ssm_parameter', 'aws_secretsmanager_secret'),
        ({ values }) =>
          text(values['name']).replace(/^\//, '').startsWith(`${subject.env.project}/${subject.env.name}/`),
        'name does not start with project and environment',
      ),
    ],
  },
  {
    id: 'tags',
    says: 'every stack tags what it makes',
    check: (subject) =>
      findings(
        ofType(subject, 'provider'),
        ({ values }) => {
          const tags = blocks(at(values, 'default_tags.tags'))[0] ?? {};
          return requiredTags.every((tag) => Boolean(tags[tag]));
        },
        `default_tags lacks one of ${requiredTags.join(', ')}`,
      ),
  },
  {
    id: 'account-pinned',
    says: 'a stack refuses the credentials of another account',
    check: (subject) =>
      findings(
        ofType(subject, 'provider'),
        ({ values }) => texts(values['allowed_account_ids']).join() === subject.env.account,
        'allowed_account_ids is not the account',
      ),
  },
  {
    id: 'log-retention',
    says: 'logs are kept as long as needed and no longer',
    check: (subject) => {
      const least = subject.env.tier === 'production' ? 90 : 1;
      return findings(
        ofType(subject, 'aws_cloudwatch_log_group'),
        ({ values }) => Number(values['retention_in_days'] ?? 0) >= least,
        `retention_in_days is below ${least}`,
      );
    },
  },
  {
    id: 'deletion-protection',
    says: 'production cannot be deleted by mistake',
    check: inProduction(deletion),
  },
  {
    id: 'prevent-destroy',
    says: 'Terraform refuses to destroy data in production',
    check: inProduction(destruction),
  },
  { id: 'multi-az', says: 'production survives the loss of a zone', check: inProduction(zones) },
  {
    id: 'backups',
    says: 'databases are backed up',
    check: (subject) => {
      const least = subject.env.tier === 'production' ? 7 : 1;
      return findings(
        ofType(subject, 'aws_db_instance'),
        ({ values }) => Number(values['backup_retention_period'] ?? 0) >= least,
        `backup_retention_period is below ${least}`,
      );
    },
  },
  {
    id: 'alarms-reach-somebody',
    says: 'alarms notify',
    check: (subject) =>
      findings(
        ofType(subject, 'aws_cloudwatch_metric_alarm'),
        ({ values }) => texts(values['alarm_actions']).length > 0,
        'no alarm_actions',
      ),
  },
  {
    id: 'dead-letters-watched',
    says: 'every queue has an alarm',
    check: (subject) => {
      const watched = JSON.stringify(
        ofType(subject, 'aws_cloudwatch_metric_alarm').map(({ values }) => values),
      );
      return ofType(subject, 'aws_sqs_queue')
        .filter(
          ({ id, values }) =>
            !watched.includes(`"${text(values['name'])}"`) && !watched.includes(`aws_sqs_queue${id}name`),
        )
        .map((queue) => ({ resource: nameOfResource(queue), detail: 'no alarm' }));
    },
  },
  {
    id: 'spending-bounded',
    says: 'the warehouse, Spark and Athena have limits',
    check: (subject) => {
      const limits = ofType(subject, 'aws_redshiftserverless_usage_limit');
      return [
        ...findings(
          ofType(subject, 'aws_redshiftserverless_workgroup'),
          ({ values }) => Boolean(values['max_capacity']) && limits.length > 0,
          'no max_capacity or usage limit',
        ),
        ...findings(
          ofType(subject, 'aws_emrserverless_application'),
          ({ values }) =>
            Boolean(at(values, 'maximum_capacity.cpu')) &&
            at(values, 'auto_stop_configuration.enabled') === true,
          'no maximum_capacity or auto-stop',
        ),
        ...findings(
          ofType(subject, 'aws_athena_workgroup'),
          ({ values }) =>
            Number(at(values, 'configuration.bytes_scanned_cutoff_per_query') ?? Infinity) <= 1024 ** 3,
          'no scan limit of 1 GB',
        ),
      ];
    },
  },
];

function inProduction(check: Rule['check']): Rule['check'] {
  return (subject) => (subject.env.tier === 'production' ? check(subject) : []);
}

function deletion(subject: Subject): ReturnType<Rule['check']> {
  return [
    ...findings(
      ofType(subject, 'aws_db_instance'),
      ({ values }) => values['deletion_protection'] === true && values['skip_final_snapshot'] !== true,
      'deletion_protection is not true, or no final snapshot',
    ),
    ...findings(
      ofType(subject, 'aws_s3_bucket'),
      ({ values }) => values['force_destroy'] !== true,
      'force_destroy is true',
    ),
    ...findings(
      ofType(subject, 'aws_ecr_repository'),
      ({ values }) => values['force_delete'] !== true,
      'force_delete is true',
    ),
    ...findings(
      ofType(subject, 'aws_secretsmanager_secret'),
      ({ values }) => Number(values['recovery_window_in_days'] ?? 30) >= 7,
      'no recovery window',
    ),
    ...findings(
      ofType(subject, 'aws_kms_key'),
      ({ values }) => Number(values['deletion_window_in_days'] ?? 30) >= 30,
      'deletion_window_in_days is below 30',
    ),
  ];
}

/** Of what cannot be made again. */
const dataBearing = ['aws_db_instance', 'aws_kms_key', 'aws_redshiftserverless_namespace', 'aws_s3_bucket'];

function destruction(subject: Subject): ReturnType<Rule['check']> {
  return findings(
    ofType(subject, ...dataBearing),
    ({ values }) => at(values, 'lifecycle.prevent_destroy') === true,
    'prevent_destroy is not true',
  );
}

function zones(subject: Subject): ReturnType<Rule['check']> {
  return [
    ...findings(
      ofType(subject, 'aws_db_instance', 'aws_dms_replication_instance'),
      ({ values }) => values['multi_az'] === true,
      'multi_az is not true',
    ),
    ...(ofType(subject, 'aws_vpc').length > 0 && ofType(subject, 'aws_nat_gateway').length < 3
      ? [{ resource: 'network', detail: 'fewer than three NAT gateways' }]
      : []),
  ];
}
