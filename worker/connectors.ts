import { join } from 'node:path';
import type { Connectors } from '../activities/connectors.ts';
import type { Ledger } from '../connectors/ledger/port.ts';
import type { Warehouse } from '../connectors/warehouse/port.ts';
import { openCatalog, openFiles, openLake, openPages, openTasks, openTransform } from '../profiles/open.ts';
import { openReports } from '../profiles/open-reports.ts';
import { poolsOf, type Profile } from '../profiles/profile.ts';
import { PROJECT } from '../profiles/project.ts';
import type { Sources } from '../profiles/sources.ts';

/** Functions and scripts of the pipelines. */
const TASKS = join(PROJECT, 'tasks');

interface Parts extends Pick<Connectors, 'registry' | 'dashboards' | 'codeVersion' | 'steps' | 'lineage'> {
  readonly ledger: Ledger;
  readonly warehouse: Warehouse;
  readonly sources: Sources;
}

/** What a worker's activities act on: what must be closed is given, the rest is opened as the profile says. */
export async function connectorsOf(profile: Profile, { sources, ...given }: Parts): Promise<Connectors> {
  return {
    ...given,
    pools: poolsOf(profile),
    lake: await openLake(profile),
    files: await openFiles(profile),
    pages: await openPages(profile),
    catalog: await openCatalog(profile, given.warehouse),
    transform: await openTransform(profile, given.warehouse),
    tasks: await openTasks(profile, TASKS),
    source: (name) => sources.get(name),
    extractsTogether: (name) => sources.extractsTogether(name),
    extractor: (name) => sources.extractor(name),
    ...(await openReports(profile)),
  };
}
