import type { Environment } from '../../config/environment.ts';
import { taskQueue, temporalNamespace, warehouseDatabase, type WorkerVariable } from '../../contract.ts';
import { temporalAddress } from '../../names.ts';
import { ledgerDatabase } from '../control-database/index.ts';
import type { OrchestrationDependencies } from './index.ts';

/** Without the variables of services that the environment does not have. */
export type WorkerValues = Readonly<Partial<Record<WorkerVariable, string>>>;

/** What the `aws` profile asks for, taken from the stacks. */
export function workerEnvironment(env: Environment, stacks: OrchestrationDependencies): WorkerValues {
  const { storage, controlDatabase, ingestion, processing, warehouse, analytics } = stacks;
  const { buckets } = storage;
  const olist = stacks.sources.postgres;
  return {
    SLUICE_PROFILE: 'aws',
    TEMPORAL_ADDRESS: temporalAddress(env),
    TEMPORAL_NAMESPACE: temporalNamespace,
    TEMPORAL_TASK_QUEUE: taskQueue,
    AWS_REGION: env.region,
    SLUICE_LEDGER_HOST: controlDatabase.instance.address,
    SLUICE_LEDGER_PORT: '5432',
    SLUICE_LEDGER_DATABASE: ledgerDatabase,
    SLUICE_LEDGER_SECRET_ARN: controlDatabase.secrets.ledger.arn,
    SLUICE_LAKE_BUCKET: buckets.bronze.bucket,
    SLUICE_SILVER_BUCKET: buckets.silver.bucket,
    SLUICE_GOLD_BUCKET: buckets.gold.bucket,
    SLUICE_SCRIPTS_BUCKET: buckets.scripts.bucket,
    ...(ingestion.glue && {
      SLUICE_GLUE_EXTRACT_JOB: ingestion.glue.extract.name,
      SLUICE_GLUE_CONNECTION: ingestion.glue.connection.name,
    }),
    ...(processing.application &&
      processing.role && {
        SLUICE_EMR_APPLICATION_ID: processing.application.id,
        SLUICE_EMR_ROLE_ARN: processing.role.arn,
      }),
    SLUICE_REDSHIFT_WORKGROUP: warehouse.workgroup.workgroupName,
    SLUICE_REDSHIFT_DATABASE: warehouseDatabase,
    SLUICE_REDSHIFT_COPY_ROLE_ARN: warehouse.copyRole.arn,
    SLUICE_REDSHIFT_SECRET_ARN: warehouse.loaderSecret.arn,
    ...(olist && {
      SLUICE_SOURCE_OLIST_SECRET_ARN: olist.secrets.reader.arn,
      SLUICE_SOURCE_OLIST_HOST: olist.instance.address,
      SLUICE_SOURCE_OLIST_PORT: `${olist.port}`,
      SLUICE_SOURCE_OLIST_DATABASE: olist.database,
    }),
    SLUICE_ALERTS_TOPIC_ARN: storage.alerts.arn,
    SLUICE_ATHENA_WORKGROUP: analytics.workgroup.name,
  };
}
