import { milliseconds, type DurationText } from '../core/duration.ts';
import { loadsInUse } from '../core/loads-in-use.ts';
import type { GcReport } from '../connectors/lake/port.ts';
import type { Connectors } from './connectors.ts';
import { evictLost } from './lost-runs.ts';

/** What went: of the lake, and how many publications of dashboards. */
export interface Collected extends GcReport {
  readonly publications: number;
}

/** Removes publications that their dashboards keep no longer, and from the lake what `Lake.gc` says is needed by nobody, where it is older than `olderThan`. May be repeated, and given up at any time. */
export async function collectLake(connectors: Connectors, olderThan: DurationText): Promise<Collected> {
  const { ledger, warehouse, lake, pages, dashboards } = connectors;
  // What a lost run may still load would be kept for ever.
  await evictLost(connectors);
  await ledger.forgetAttempts();
  // In this order: a run that ends in between has its load applied by then.
  const runs = await ledger.runs({ outcomes: ['running'] });
  const inUse = await loadsInUse(ledger);
  const applied = await warehouse.appliedLoadIds();
  const report = await lake.gc({ olderThanMs: milliseconds(olderThan), applied, inUse, runs, dryRun: false });
  let publications = 0;
  for (const name of pages ? dashboards.keys() : [])
    publications += (await pages?.collect(name, { dryRun: false }))?.length ?? 0;
  return { ...report, publications };
}
