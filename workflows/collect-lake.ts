import type { DurationText } from '../core/duration.ts';
import type { GcReport } from '../connectors/lake/port.ts';
import { housekeeping } from './activity-options.ts';

/** Removes what the lake no longer needs; on a schedule of its own, `sluice-lake-gc`. @returns how much that was */
export async function collectLake(olderThan: DurationText): Promise<GcReport> {
  return housekeeping.collectLake(olderThan);
}
