import type { Environment } from '../../config/environment.ts';
import { taskQueue, temporalNamespace, warehouseDatabase, type WorkerVariable } from '../../contract.ts';
import { temporalAddress } from '../../names.ts';
import { ledgerDatabase } from '../control-database/index.ts';
import type { ContainerTasks } from './container-tasks.ts';
import { authoritiesFile } from './files.ts';
import type { OrchestrationDependencies } from './dependencies.ts';

/** Without the variables of services that the environment does not have. */
export type WorkerValues = Readonly<Partial<Record<WorkerVariable, string>>>;

/** What the `aws` profile asks for, taken from the stacks. */
export function workerEnvironment(
  env: Environment,
  stacks: OrchestrationDependencies,
  tasks: ContainerTasks,
  image: string,
): WorkerValues {
  const { storage, network, controlDatabase, ingestion, warehouse } = stacks;
  const olist = stacks.sources.postgres;
  return {
    SLUICE_PROFILE: 'aws',
    SLUICE_ENVIRONMENT: env.name,
    TEMPORAL_ADDRESS: temporalAddress(env),
    TEMPORAL_NAMESPACE: temporalNamespace,
    TEMPORAL_TASK_QUEUE: taskQueue,
    AWS_REGION: env.region,
    SLUICE_DATABASE_CA: authoritiesFile,
    SLUICE_LEDGER_HOST: controlDatabase.instance.address,
    SLUICE_LEDGER_PORT: '5432',
    SLUICE_LEDGER_DATABASE: ledgerDatabase,
    SLUICE_LEDGER_SECRET_ARN: controlDatabase.secrets.ledger.arn,
    SLUICE_LAKE_BUCKET: storage.buckets.bronze.bucket,
    ...(ingestion.glue && { SLUICE_GLUE_EXTRACT_JOB: ingestion.glue.extract.name }),
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
    SLUICE_PAGES_BUCKET: storage.buckets.pages.bucket,
    SLUICE_TASKS_CLUSTER: tasks.cluster.name,
    SLUICE_TASKS_SUBNETS: network.subnets.private.join(','),
    SLUICE_TASKS_SECURITY_GROUP: network.securityGroups.tasks.id,
    SLUICE_TASKS_EXECUTION_ROLE_ARN: tasks.executionRole.arn,
    SLUICE_TASKS_ROLE_ARN: tasks.role.arn,
    SLUICE_TASKS_LOG_GROUP: tasks.logs.name,
    SLUICE_TASKS_IMAGE: image,
    SLUICE_TASKS_FAMILY: tasks.family,
  };
}
