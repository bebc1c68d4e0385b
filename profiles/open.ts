import { dirname, join } from 'node:path';
import type { PostgresLedger } from '../connectors/ledger/postgres/ledger.ts';
import type { Catalog } from '../connectors/catalog/port.ts';
import type { Files } from '../connectors/files/port.ts';
import type { Lake } from '../connectors/lake/port.ts';
import type { Pages } from '../connectors/pages/port.ts';
import type { Tasks } from '../connectors/tasks/port.ts';
import type { Transform } from '../connectors/transform/port.ts';
import type { Warehouse } from '../connectors/warehouse/port.ts';
import { KEPT } from '../core/dashboards/kept.ts';
import * as catalogs from './adapters/catalog.ts';
import * as containers from './adapters/containers.ts';
import * as lakes from './adapters/lake.ts';
import * as ledgers from './adapters/ledger.ts';
import * as pages from './adapters/pages.ts';
import { openSpark } from './adapters/spark.ts';
import * as transforms from './adapters/transform.ts';
import * as warehouses from './adapters/warehouse.ts';
import type { Profile, TaskVariables } from './profile.ts';
import { secretsOfTask } from './secrets-of.ts';

// What a profile names, opened by the adapters of its entries; connections are in `sources.ts`, who is told in `open-reports.ts`.

/** @param anew reads the profile once more, for a password that has changed since */
export function openLedger({ ledger }: Profile, anew?: () => Promise<Profile>): Promise<PostgresLedger> {
  return ledgers.openLedger(ledger, anew && (async () => (await anew()).ledger.password));
}

export function openLake({ lake }: Profile): Promise<Lake> {
  return lakes.openLake(lake);
}

/** Names without a place are the lake's. */
export function openFiles({ lake }: Profile): Promise<Files> {
  return lakes.openFiles(lake);
}

/** Where dashboards are published: where the profile says, else beside a lake that is a folder; undefined where neither is. */
export function pagesPlace({ dashboards, lake }: Profile): Profile['dashboards'] | undefined {
  if (dashboards || lake.type !== 'folder') return dashboards;
  return { type: 'folder', path: join(dirname(lake.path), 'pages'), keep: KEPT };
}

export async function openPages(profile: Profile): Promise<Pages | undefined> {
  const place = pagesPlace(profile);
  return place && pages.openPages(place);
}

export function openWarehouse({ warehouse, lake }: Profile): Promise<Warehouse> {
  return warehouses.openWarehouse(warehouse, lake);
}

/** What copies marts to where tools read them. @throws {InvalidInput} the profile names no such place, or needs none */
export function openCopies({ warehouse, transform }: Profile): Promise<warehouses.CopyMarts> {
  return warehouses.openCopies(warehouse, transform.python);
}

/** Where datasets are read as tables; undefined where nothing reads them yet. */
export function openCatalog({ catalog, lake }: Profile, warehouse: Warehouse): Promise<Catalog | undefined> {
  return catalogs.openCatalog(catalog, warehouse, lake);
}

export function openTransform({ transform }: Profile, warehouse: Warehouse): Promise<Transform> {
  return transforms.openTransform(transform, warehouse);
}

/** Why containers of tasks would not be run from here; undefined where they would be, or the profile names nothing that runs any. */
export async function whyNoContainers({ jobs }: Pick<Profile, 'jobs'>): Promise<string | undefined> {
  return jobs.container && containers.whyNoContainers(jobs.container);
}

/** @param folder the project's functions and scripts */
export async function openTasks({ tasks, jobs, lake }: Profile, folder: string): Promise<Tasks> {
  const { ProjectTasks } = await import('../connectors/tasks/project.ts');
  const ofTasks = <T>(get: (variables: TaskVariables) => T) =>
    Object.fromEntries(Object.entries(tasks).map(([name, each]) => [name, get(each)]));
  return new ProjectTasks({
    folder,
    environments: ofTasks(({ env }) => env),
    secrets: ofTasks(secretsOfTask),
    containers: jobs.container && (await containers.openContainers(jobs.container, lake)),
    spark: jobs.spark && (await openSpark(jobs.spark, lake)),
  });
}
