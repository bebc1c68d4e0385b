import type { DbInstance } from '@cdktf/provider-aws/lib/db-instance/index.js';
import type { SqsQueue } from '@cdktf/provider-aws/lib/sqs-queue/index.js';
import { Fn, Token } from 'cdktf';
import type { DatabaseSize, Environment } from '../../config/environment.ts';
import { metrics } from '../../contract.ts';
import { nameOf } from '../../names.ts';
import type { AlarmDefinition } from './alarm.ts';
import type { ObservabilityDependencies } from './dependencies.ts';

const minute = 60;
const hour = 60 * minute;
const gigabyte = 1024 ** 3;

export function alarms(env: Environment, stacks: ObservabilityDependencies): AlarmDefinition[] {
  const { controlDatabase, sources } = stacks;
  const { sizes } = env;
  return [
    ...runs(env),
    ...services(stacks),
    ...warehouse(env, stacks),
    ...replication(env, stacks),
    ...database('control-database', controlDatabase.instance, sizes.controlDatabase),
    ...(sources.postgres ? database('postgres-source', sources.postgres.instance, sizes.postgresSource) : []),
    ...(sources.mysql ? database('mysql-source', sources.mysql.instance, sizes.mysqlSource) : []),
    ...[
      controlDatabase.provisioner.deadLetters,
      controlDatabase.rotator.deadLetters,
      ...stacks.ingestion.deadLetters,
      stacks.orchestration.deadLetters,
    ].map(deadLetters),
  ];
}

function runs(env: Environment): AlarmDefinition[] {
  const own = {
    namespace: metrics.namespace,
    dimensions: { Environment: env.name },
    statistic: 'Sum',
    when: 'above',
    threshold: 0,
    periods: 1,
  } as const;
  return [
    {
      ...own,
      id: 'run-failures',
      metric: metrics.runFailures,
      periodSeconds: 5 * minute,
      description: 'A run has failed: sluice runs --outcome failed',
    },
    {
      ...own,
      id: 'freshness',
      metric: metrics.freshnessBreaches,
      periodSeconds: hour,
      description: 'A table is older than its pipeline allows: sluice status',
    },
  ];
}

/** Silence is the alarm: Container Insights reports every minute while tasks run. */
function services({ orchestration }: ObservabilityDependencies): AlarmDefinition[] {
  return orchestration.services.map(({ service, what }) => ({
    id: `${what}-running`,
    description: `No running task of ${what}: look at the service's events in ECS`,
    namespace: 'ECS/ContainerInsights',
    metric: 'RunningTaskCount',
    dimensions: { ClusterName: orchestration.cluster.name, ServiceName: service.name },
    statistic: 'Minimum',
    when: 'below',
    threshold: 1,
    periodSeconds: minute,
    periods: 5,
    missing: 'breaching',
  }));
}

function warehouse(
  env: Environment,
  { warehouse: { workgroup } }: ObservabilityDependencies,
): AlarmDefinition[] {
  const { maxRpu } = env.sizes.redshift;
  return [
    {
      id: 'warehouse-capacity',
      description: 'The warehouse works at its limit: see queries, or raise sizes.redshift.maxRpu',
      namespace: 'AWS/Redshift-Serverless',
      metric: 'ComputeCapacity',
      dimensions: { Workgroup: workgroup.workgroupName },
      statistic: 'Maximum',
      when: 'above',
      threshold: maxRpu * 0.9,
      periodSeconds: 5 * minute,
      periods: 6,
    },
  ];
}

function replication(env: Environment, { ingestion }: ObservabilityDependencies): AlarmDefinition[] {
  const changes = ingestion.replication?.changes;
  if (!changes) return [];
  return [
    {
      id: 'replication-lag',
      description: 'DMS is behind its source: look at the task olist',
      namespace: 'AWS/DMS',
      metric: 'CDCLatencyTarget',
      dimensions: {
        ReplicationInstanceIdentifier: nameOf(env, 'dms'),
        // Not the task's name: DMS reports under the last part of its ARN.
        ReplicationTaskIdentifier: Token.asString(Fn.element(Fn.split(':', changes.replicationTaskArn), 6)),
      },
      statistic: 'Maximum',
      when: 'above',
      threshold: 15 * minute,
      periodSeconds: 5 * minute,
      periods: 3,
    },
  ];
}

function database(what: string, instance: DbInstance, size: DatabaseSize): AlarmDefinition[] {
  const own = {
    namespace: 'AWS/RDS',
    dimensions: { DBInstanceIdentifier: instance.identifier },
    periodSeconds: 5 * minute,
    periods: 3,
  } as const;
  return [
    {
      ...own,
      id: `${what}-storage`,
      description: `${what} is running out of storage: a forgotten replication slot, or raise maxStorageGb`,
      metric: 'FreeStorageSpace',
      statistic: 'Minimum',
      when: 'below',
      threshold: size.storageGb * 0.15 * gigabyte,
    },
    {
      ...own,
      id: `${what}-cpu`,
      description: `${what} is busy all the time`,
      metric: 'CPUUtilization',
      statistic: 'Average',
      when: 'above',
      threshold: 90,
    },
  ];
}

function deadLetters(queue: SqsQueue): AlarmDefinition {
  return {
    id: queue.node.id,
    description: 'A call was given up after its retries: read the queue',
    namespace: 'AWS/SQS',
    metric: 'ApproximateNumberOfMessagesVisible',
    dimensions: { QueueName: queue.name },
    statistic: 'Maximum',
    when: 'above',
    threshold: 0,
    periodSeconds: 5 * minute,
    periods: 1,
  };
}
