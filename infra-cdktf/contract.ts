/**
 * What the application and its infrastructure agree on. The worker's task definition and the SSM parameters are made from this list,
 * and test/consistency.test.ts holds both sides to it: the stacks, and `profiles/aws.yaml`.
 */

/** Variables that every worker has, whatever it runs; each asked for by `profiles/aws.yaml` or read by the process itself. */
export const commonVariables = [
  'SLUICE_PROFILE',
  'SLUICE_ENVIRONMENT',
  'TEMPORAL_ADDRESS',
  'TEMPORAL_NAMESPACE',
  'TEMPORAL_TASK_QUEUE',
  'AWS_REGION',
  'SLUICE_DATABASE_CA',
  'SLUICE_LEDGER_HOST',
  'SLUICE_LEDGER_PORT',
  'SLUICE_LEDGER_DATABASE',
  'SLUICE_LEDGER_SECRET_ARN',
  'SLUICE_LAKE_BUCKET',
  'SLUICE_REDSHIFT_WORKGROUP',
  'SLUICE_REDSHIFT_DATABASE',
  'SLUICE_REDSHIFT_COPY_ROLE_ARN',
  'SLUICE_REDSHIFT_SECRET_ARN',
  'SLUICE_ALERTS_TOPIC_ARN',
  'SLUICE_PAGES_BUCKET',
  // Tasks that are containers.
  'SLUICE_TASKS_CLUSTER',
  'SLUICE_TASKS_SUBNETS',
  'SLUICE_TASKS_SECURITY_GROUP',
  'SLUICE_TASKS_EXECUTION_ROLE_ARN',
  'SLUICE_TASKS_ROLE_ARN',
  'SLUICE_TASKS_LOG_GROUP',
  'SLUICE_TASKS_IMAGE',
  'SLUICE_TASKS_FAMILY',
] as const;

/**
 * Pipelines that load the warehouse, each with the variables of its own: those that its connection asks for in `profiles/aws.yaml`. One that
 * is a text cannot run on AWS yet, and says what is missing; its schemas are made all the same.
 */
export const pipelineVariables = {
  olist: [
    'SLUICE_GLUE_EXTRACT_JOB',
    'SLUICE_SOURCE_OLIST_SECRET_ARN',
    'SLUICE_SOURCE_OLIST_HOST',
    'SLUICE_SOURCE_OLIST_PORT',
    'SLUICE_SOURCE_OLIST_DATABASE',
  ],
  bikestore: 'a database, its users, and the connection in profiles/aws.yaml',
  olist_hourly: 'the tables in the MySQL source, and the connection in profiles/aws.yaml',
  olist_funnel: 'files in landing/, and where to find them in profiles/aws.yaml',
  olist_lakehouse: 'a source with a log of changes, datasets in S3, and the connection in profiles/aws.yaml',
  retail_sales: 'the tables in the MySQL source, datasets in S3, and the connection in profiles/aws.yaml',
  user_behaviour: 'the pipeline itself',
} as const;

type OfPipelines = Extract<
  (typeof pipelineVariables)[keyof typeof pipelineVariables],
  readonly string[]
>[number];

/** Environment variables of the worker; each is also the SSM parameter `/sluice/<env>/<name>`. */
export type WorkerVariable = (typeof commonVariables)[number] | OfPipelines;
export const workerVariables: readonly WorkerVariable[] = [
  ...commonVariables,
  ...Object.values(pipelineVariables).flatMap((own) => (typeof own === 'string' ? [] : own)),
];

export const temporalNamespace = 'sluice';
export const taskQueue = 'sluice';
export const namespaceRetentionDays = 90;

/** Search attributes of every run, with Temporal's types. */
export const searchAttributes = {
  Pipeline: 'Keyword',
  DataIntervalStart: 'Datetime',
  DataIntervalEnd: 'Datetime',
  RunKind: 'Keyword',
  Outcome: 'Keyword',
  BackfillId: 'Keyword',
  CodeVersion: 'Keyword',
} as const;

export const workerPorts = { metrics: 9464, health: 8081 } as const;
/** Where the status pages listen, and how the image serves them. */
export const pagesPort = 8088;
export const pagesCommand = ['node', '--optimize-for-size', 'bin/pages'] as const;
/** Prefix in the bucket of pages. */
export const pagesPrefix = 'pages/';
/** As the image starts by itself. */
export const workerCommand = ['node', 'bin/worker'] as const;
/** Reconciles the schedules; run once after each deployment of the worker. */
export const deployCommand = ['node', 'bin/sluice', 'deploy'] as const;

/** Prefixes in the bronze bucket. */
export const lakePrefixes = {
  /** Loads with their manifests: what belongs to the lake. The worker writes it, nobody else. */
  tables: 'bronze/',
  /** `<token>/`: the request, the results and the files of a remote job, until the worker has copied them. */
  extracts: 'extracts/',
  /** `<pipeline>/`: files that others bring; each starts its pipeline. */
  landing: 'landing/',
  changes: 'cdc/',
  /** `<token>/`: what a database exports, and the worker's records of it, until the worker has made Parquet of it. */
  exports: 'exports/',
  /** Input and output of tasks that are containers. */
  tasks: 'tasks/',
} as const;

/**
 * Folders of tables of Delta in silver and gold, `<pipeline>/<dataset>`: the crawlers catalogue each as what it is. A pipeline whose Spark
 * jobs merge rows brings its own.
 */
export const deltaTables: Readonly<Record<'silver' | 'gold', readonly string[]>> = { silver: [], gold: [] };

export const warehouseDatabase = 'sluice';
/** Each has schemas of its own, as core/pipeline.ts names them. */
export const pipelines = Object.keys(pipelineVariables) as readonly (keyof typeof pipelineVariables)[];
export const warehouseSchemas = [
  '_sluice',
  ...pipelines.flatMap((pipeline) => [
    `raw_${pipeline}`,
    `${pipeline}_staging`,
    `${pipeline}_intermediate`,
    pipeline,
  ]),
];
/** What people and dashboards read. */
export const readableSchemas: readonly string[] = [...pipelines];

/** The Glue job that reads source tables over JDBC. */
export const extractJob = {
  /** Key in the scripts bucket; the file in this repository has the same path. */
  script: 'spark/extract_jdbc.py',
  /** Key in the scripts bucket; a zip of the folder of this name in the repository. */
  modules: 'spark/sluice_jdbc.zip',
  /**
   * Every pipeline's own run and a backfill of two at a time. A start that finds all taken is tried again for half a minute only, so
   * the limit is a brake, not a queue.
   */
  concurrentRuns: pipelines.length * 3,
  /** Glue 5 writes `<group>/error` and `<group>/output`, unless an argument of the job says otherwise; the worker reads the former. */
  logGroup: '/aws-glue/jobs',
  /** Arguments that each start gives. */
  arguments: ['--connection-secret-arn', '--request-uri', '--token'],
} as const;

/** Metrics that the worker puts into CloudWatch, with the one dimension `Environment`. */
export const metrics = {
  namespace: 'Sluice',
  runFailures: 'RunFailures',
  freshnessBreaches: 'FreshnessBreaches',
} as const;
