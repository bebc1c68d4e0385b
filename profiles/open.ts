import { dirname, join } from 'node:path';
import { PostgresLedger } from '../connectors/ledger/postgres/ledger.ts';
import type { S3ClientOptions } from '../connectors/aws/s3-client.ts';
import type { Files } from '../connectors/files/port.ts';
import type { ContainerRunner, SparkRunner } from '../connectors/jobs/port.ts';
import type { Lake } from '../connectors/lake/port.ts';
import type { Pages } from '../connectors/pages/port.ts';
import type { Tasks } from '../connectors/tasks/port.ts';
import type { Transform } from '../connectors/transform/port.ts';
import type { Warehouse } from '../connectors/warehouse/port.ts';
import { RESULT_LIMIT } from '../core/tasks.ts';
import type { Profile } from './profile.ts';
import { PROJECT } from './project.ts';

// Which adapter stands for which entry of a profile: the one place that knows them all, with `sources.ts`. An adapter is loaded
// when it is opened: AWS's SDKs and DuckDB take longer to load than most commands to run.

export function openLedger(profile: Profile): PostgresLedger {
  return new PostgresLedger(profile.ledger);
}

export async function openLake({ lake }: Profile): Promise<Lake> {
  if (lake.type === 's3') return (await import('./open-aws.ts')).openS3Lake(lake);
  const { FileSystemLake } = await import('../connectors/lake/folder/lake.ts');
  return new FileSystemLake({ root: lake.path });
}

/** Names without a place are the lake's. */
export async function openFiles({ lake }: Profile): Promise<Files> {
  const { FoundFiles } = await import('../connectors/files/find.ts');
  const s3 = async (options: S3ClientOptions = {}) =>
    (await import('../connectors/aws/s3-client.ts')).s3Client(options);
  if (lake.type === 'folder') return new FoundFiles({ lake: lake.path, s3 });
  const { bucket, prefix, pathStyle } = lake;
  return new FoundFiles({ lake: `s3://${bucket}/${prefix}`, s3: () => s3({ pathStyle }) });
}

/** Where dashboards are published: where the profile says, else beside a lake that is a folder; undefined where neither is. */
export function pagesPlace({ dashboards, lake }: Profile): Profile['dashboards'] | undefined {
  if (dashboards || lake.type !== 'folder') return dashboards;
  return { type: 'folder', path: join(dirname(lake.path), 'pages') };
}

export async function openPages(profile: Profile): Promise<Pages | undefined> {
  const place = pagesPlace(profile);
  if (!place) return undefined;
  const { Site } = await import('../connectors/pages/site/site.tsx');
  if (place.type === 's3') {
    const { S3Place } = await import('../connectors/pages/s3.ts');
    const { s3Client } = await import('../connectors/aws/s3-client.ts');
    const { bucket, prefix, pathStyle } = place;
    return new Site(new S3Place({ client: s3Client({ pathStyle }), bucket, prefix }));
  }
  const { FolderPlace } = await import('../connectors/pages/folder.ts');
  return new Site(new FolderPlace(place.path));
}

export async function openWarehouse({ warehouse, lake }: Profile): Promise<Warehouse> {
  if (warehouse.type === 'redshift') return (await import('./open-aws.ts')).openRedshift(warehouse, lake);
  const { DuckDbWarehouse } = await import('../connectors/warehouse/duckdb/warehouse.ts');
  return new DuckDbWarehouse({ file: warehouse.file });
}

export async function openTransform({ transform }: Profile, warehouse: Warehouse): Promise<Transform> {
  const { DbtTransform } = await import('../connectors/transform/dbt/transform.ts');
  return new DbtTransform({
    python: join(transform.python, 'bin', 'python'),
    projectDir: transform.project,
    stateDir: transform.state,
    target: transform.target,
    ...(transform.threads === undefined ? {} : { threads: transform.threads }),
    handOver: (use, signal) => warehouse.handOver(use, signal),
  });
}

/** @param folder the project's functions and scripts */
export async function openTasks({ tasks, jobs, lake }: Profile, folder: string): Promise<Tasks> {
  const { ProjectTasks } = await import('../connectors/tasks/project.ts');
  const environments = Object.fromEntries(Object.entries(tasks).map(([name, { env }]) => [name, env]));
  return new ProjectTasks({
    folder,
    environments,
    containers: await openContainers(jobs, lake),
    spark: await openSpark(jobs, lake),
  });
}

async function openSpark(
  { spark }: Profile['jobs'],
  lake: Profile['lake'],
): Promise<SparkRunner | undefined> {
  if (!spark) return undefined;
  if (spark.type === 'glue') return (await import('./open-aws.ts')).openGlueSpark(spark, lake);
  const { LocalSpark } = await import('../connectors/jobs/spark-local/spark.ts');
  return new LocalSpark({ ...spark, folder: join(PROJECT, 'spark', 'jobs'), outputLimit: RESULT_LIMIT });
}

async function openContainers(
  { container }: Profile['jobs'],
  lake: Profile['lake'],
): Promise<ContainerRunner | undefined> {
  if (!container) return undefined;
  if (container.type === 'ecs') return (await import('./open-aws.ts')).openEcs(container, lake);
  const { Docker } = await import('../connectors/jobs/docker/docker.ts');
  return new Docker({ ...container, outputLimit: RESULT_LIMIT });
}
