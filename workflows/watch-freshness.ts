import { log, patched, workflowInfo } from '@temporalio/workflow';
import { milliseconds } from '../core/duration.ts';
import { WATCH } from '../core/freshness.ts';
import { millisecondsOf, toInstant, type Instant } from '../core/interval.ts';
import { reporting } from './activity-options.ts';
import { reason } from './failures.ts';
import { nominalTime } from './nominal-time.ts';

/** What a look leaves to the next one, which Temporal hands it. */
export interface FreshnessLook {
  /** Crossings up to here have been told. */
  readonly told: Instant;
  /** Pipelines that are past their error limit. */
  readonly stale: readonly string[];
  readonly problems: readonly string[];
}

/**
 * Looks after everything: closes runs that were ended from outside, counts pipelines past their error limit, tells of those that have
 * crossed a limit since the last look.
 */
export async function watchFreshness(): Promise<FreshnessLook> {
  const upTo = nominalTime();
  const span = { after: toldBefore() ?? earlier(upTo), upTo };
  const problems: string[] = [];
  const tried = <T>(work: Promise<T>): Promise<T | undefined> =>
    work.catch((error: unknown) => {
      problems.push(reason(error));
      log.error('Freshness was not reported', { error: reason(error) });
      return undefined;
    });
  // First, so that people hear of them now.
  if (patched('lost-runs-are-closed')) await tried(reporting.evictLost());
  // Apart, so that numbers which cannot be recorded do not have people told again and again.
  const [told, stale] = await Promise.all([
    tried(reporting.tellStale(span)),
    tried(reporting.countStale(span)),
  ]);
  return { told: told ? span.upTo : span.after, stale: stale ?? [], problems };
}

/** Temporal hands a scheduled execution the last one's result; one that is triggered by hand looks back for as long as a tick. */
function toldBefore(): Instant | undefined {
  return (workflowInfo().lastResult as FreshnessLook | undefined)?.told;
}

function earlier(instant: Instant): Instant {
  return toInstant(new Date(millisecondsOf(instant) - milliseconds(WATCH.every)));
}
