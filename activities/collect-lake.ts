import { milliseconds, type DurationText } from '../core/duration.ts';
import { loadsInUse } from '../core/loads-in-use.ts';
import type { GcReport } from '../connectors/lake/port.ts';
import type { Connectors } from './connectors.ts';

/** Removes from the lake what `Lake.gc` says is needed by nobody, where it is older than that. May be repeated, and given up at any time. */
export async function collectLake(
  { ledger, warehouse, lake }: Connectors,
  olderThan: DurationText,
): Promise<GcReport> {
  // In this order: a run that ends in between has its load applied by then.
  const runs = await ledger.runs({ outcomes: ['running'] });
  const inUse = await loadsInUse(ledger);
  const applied = await warehouse.appliedLoadIds();
  return lake.gc({ olderThanMs: milliseconds(olderThan), applied, inUse, runs, dryRun: false });
}
