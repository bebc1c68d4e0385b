import { Cadence } from '../core/cadence.ts';
import { dataUpTo, freshness, type Freshness } from '../core/freshness.ts';
import { toInstant, type Instant } from '../core/interval.ts';
import type { ResolvedPipeline } from '../core/pipeline.ts';
import { isTimed, onFilesOf } from '../core/schedule.ts';
import type { Ledger, Look, RunRecord } from '../connectors/ledger/port.ts';

/** A pipeline among all. */
export interface Overview {
  readonly pipeline: string;
  /** The newest run of each of its newest intervals, newest first. */
  readonly runs: readonly RunRecord[];
  /** Something starts it by itself: the clock, or files. */
  readonly isScheduled: boolean;
  /** When the interval that is under way is due; null for one without schedule. */
  readonly nextDue: Instant | null;
  readonly upTo: Instant | null;
  /** Null where the pipeline sets no limits. */
  readonly freshness: Freshness | null;
  /** The last look at the place that files arrive at; null where none was, or none do. */
  readonly look: Look | null;
}

/** Every pipeline of the registry, by its name, with `shown` intervals of each. Reads no more of the ledger than it shows. */
export async function overview(
  ledger: Ledger,
  pipelines: Iterable<ResolvedPipeline>,
  now: Date,
  shown = 5,
): Promise<Overview[]> {
  const sorted = [...pipelines].sort((a, b) => a.name.localeCompare(b.name));
  return Promise.all(
    sorted.map(async (pipeline) => {
      const [runs, upTo, look] = await Promise.all([
        ledger.newestIntervals(pipeline.name, shown),
        dataUpTo(ledger, pipeline),
        onFilesOf(pipeline.schedule) ? ledger.lastLook(pipeline.name) : undefined,
      ]);
      return {
        pipeline: pipeline.name,
        runs,
        isScheduled: pipeline.schedule !== 'manual',
        nextDue: nextDue(pipeline, toInstant(now)),
        upTo: upTo ?? null,
        freshness: freshness(pipeline, upTo, now) ?? null,
        look: look ?? null,
      };
    }),
  );
}

function nextDue({ schedule, start }: ResolvedPipeline, now: Instant): Instant | null {
  if (!isTimed(schedule)) return null;
  const cadence = new Cadence(schedule);
  const next = cadence.intervalFrom(cadence.intervalEndedAt(now).end);
  const first = cadence.intervalFrom(cadence.floor(start));
  return cadence.nominalTime(first.start > next.start ? first : next);
}
