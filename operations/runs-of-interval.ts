import type { Ledger, RunFilter } from '../connectors/ledger/port.ts';
import { Cadence } from '../core/cadence.ts';
import { boundsOf, interval, parseInstant } from '../core/interval.ts';
import type { Registry } from '../core/registry.ts';
import { isTimed, type ResolvedSchedule } from '../core/schedule.ts';

/**
 * What of the ledger is meant by an interval that somebody types: `START/END`, or START alone for whichever began there. Looked up,
 * not measured: it may be of an older cadence, and of a pipeline that is no longer there. A time that names no zone is one of its
 * schedule's, as it is now or was last.
 * @throws {InvalidInput} for what is no time
 */
export async function runsOfInterval(
  ledger: Pick<Ledger, 'runs' | 'definition'>,
  registry: Registry,
  pipeline: string,
  text: string,
): Promise<Pick<RunFilter, 'interval' | 'startingAt'>> {
  const schedule = registry.get(pipeline)?.schedule ?? (await lastSchedule(ledger, pipeline));
  const cadence = schedule !== undefined && isTimed(schedule) ? new Cadence(schedule) : undefined;
  const [start, end] = boundsOf(text);
  if (end === undefined) return { startingAt: cadence?.instant(start) ?? parseInstant(start) };
  return { interval: cadence?.span(start, end) ?? interval(start, end) };
}

async function lastSchedule(
  ledger: Pick<Ledger, 'runs' | 'definition'>,
  pipeline: string,
): Promise<ResolvedSchedule | undefined> {
  const [run] = await ledger.runs({ pipeline, limit: 1 });
  if (!run) return undefined;
  const definition = (await ledger.definition(run.runId)) as { schedule?: ResolvedSchedule } | undefined;
  return definition?.schedule;
}
