import type { Environment } from '../../config/environment.ts';
import {
  decryptWith,
  deleteObjects,
  readObjects,
  readSecrets,
  useKey,
  writeObjects,
} from '../../constructs/permissions.ts';
import { allow, type Statement } from '../../constructs/policy-document.ts';
import { lakePrefixes, metrics } from '../../contract.ts';
import { arnOf } from '../../names.ts';
import { readCatalog, writeCatalog } from '../ingestion/catalog.ts';
import type { OrchestrationDependencies } from './index.ts';

/** What the worker may do, by adapter. */
export function workerStatements(env: Environment, stacks: OrchestrationDependencies): Statement[] {
  return [
    ...lake(env, stacks),
    ...jobs(env, stacks),
    ...warehouse(stacks),
    ...athena(stacks),
    ...secrets(env, stacks),
    ...reports(env, stacks),
  ];
}

/** Writes bronze and its catalog; silver and gold are Spark's. */
function lake(env: Environment, { storage }: OrchestrationDependencies): Statement[] {
  const { bronze, silver, gold } = storage.buckets;
  const { raw, curated } = storage.keys;
  return [
    ...readObjects(bronze),
    writeObjects(bronze, lakePrefixes.tables),
    writeObjects(bronze, lakePrefixes.requests),
    deleteObjects(bronze, lakePrefixes.tables),
    allow(['s3:ListBucketMultipartUploads'], [bronze.arn]),
    ...readObjects(silver),
    ...readObjects(gold),
    useKey([raw.arn, curated.arn], ['s3'], env.region),
    writeCatalog(env, ['bronze']),
    readCatalog(env, ['silver', 'gold']),
  ];
}

function jobs(env: Environment, { ingestion, processing }: OrchestrationDependencies): Statement[] {
  const { application, role } = processing;
  const tasks = ingestion.replication?.tasks ?? [];
  return [
    ...(ingestion.glue
      ? [
          allow(
            ['glue:StartJobRun', 'glue:GetJobRun', 'glue:GetJobRuns', 'glue:BatchStopJobRun', 'glue:GetJob'],
            [ingestion.glue.extract.arn],
          ),
        ]
      : []),
    allow(
      ['glue:StartCrawler', 'glue:GetCrawler'],
      ingestion.catalog.crawlers.map((crawler) => crawler.arn),
    ),
    // Glue's own messages, for the failure's text.
    allow(
      ['logs:GetLogEvents', 'logs:FilterLogEvents'],
      [
        arnOf(env, 'logs', `log-group:/${env.project}/${env.name}/*`),
        arnOf(env, 'logs', 'log-group:/aws-glue/*'),
      ],
    ),
    ...(application && role
      ? [
          allow(
            [
              'emr-serverless:StartApplication',
              'emr-serverless:GetApplication',
              'emr-serverless:StartJobRun',
              'emr-serverless:ListJobRuns',
              'emr-serverless:GetJobRun',
              'emr-serverless:CancelJobRun',
            ],
            [application.arn, `${application.arn}/jobruns/*`],
          ),
          allow(['iam:PassRole'], [role.arn], {
            StringEquals: { 'iam:PassedToService': 'emr-serverless.amazonaws.com' },
          }),
        ]
      : []),
    ...(tasks.length > 0
      ? [
          allow(
            ['dms:StartReplicationTask', 'dms:StopReplicationTask'],
            tasks.map((task) => task.replicationTaskArn),
          ),
          // Lists by filter; it has no resource type.
          allow(['dms:DescribeReplicationTasks'], ['*']),
        ]
      : []),
  ];
}

function warehouse(stacks: OrchestrationDependencies): Statement[] {
  return [
    allow(
      ['redshift-data:ExecuteStatement', 'redshift-data:BatchExecuteStatement'],
      [stacks.warehouse.workgroup.arn],
    ),
    // These act on a statement, which has no ARN: only the worker's own.
    allow(
      [
        'redshift-data:DescribeStatement',
        'redshift-data:GetStatementResult',
        'redshift-data:CancelStatement',
      ],
      ['*'],
      {
        StringEquals: { 'redshift-data:statement-owner-iam-userid': '$${aws:userid}' },
      },
    ),
  ];
}

function athena({ storage, analytics }: OrchestrationDependencies): Statement[] {
  return [
    allow(
      [
        'athena:StartQueryExecution',
        'athena:GetQueryExecution',
        'athena:GetQueryResults',
        'athena:StopQueryExecution',
      ],
      [analytics.workgroup.arn],
    ),
    ...readObjects(storage.buckets.results, 'athena/'),
    writeObjects(storage.buckets.results, 'athena/'),
  ];
}

function secrets(
  env: Environment,
  { storage, controlDatabase, sources, warehouse }: OrchestrationDependencies,
): Statement[] {
  const readers = [sources.postgres, sources.mysql].flatMap((source) =>
    source ? [source.secrets.reader.arn] : [],
  );
  return [
    readSecrets([controlDatabase.secrets.ledger.arn, warehouse.loaderSecret.arn, ...readers]),
    decryptWith([storage.keys.secrets.arn], ['secretsmanager'], env.region),
  ];
}

function reports(env: Environment, { storage }: OrchestrationDependencies): Statement[] {
  return [
    allow(['sns:Publish'], [storage.alerts.arn]),
    useKey([storage.keys.operations.arn], ['sns'], env.region),
    allow(['cloudwatch:PutMetricData'], ['*'], {
      StringEquals: { 'cloudwatch:namespace': metrics.namespace },
    }),
  ];
}
