import { inWords } from '../../core/duration.ts';
import type { Ledger, Look, WaitingStep } from '../../connectors/ledger/port.ts';
import type { BackfillRecord, RunRecord } from '../../connectors/ledger/port.ts';
import type { ResolvedPipeline } from '../../core/pipeline.ts';
import type { Registry } from '../../core/registry.ts';
import { overview, type Overview } from '../../operations/overview.ts';
import type { Standing } from '../../operations/pauses.ts';
import type { Schedules } from '../schedules.ts';

export interface PipelineLine extends Overview {
  readonly definition: ResolvedPipeline;
  /** Undefined where Temporal cannot say, and where it is run by hand. */
  readonly standing: Standing | undefined;
}

/** Something that does not go on by itself. */
export type Need =
  | { readonly kind: 'failed'; readonly run: RunRecord }
  | { readonly kind: 'waiting'; readonly step: WaitingStep }
  | {
      readonly kind: 'stale';
      readonly pipeline: string;
      readonly state: 'warn' | 'error';
      readonly age: string;
    }
  | { readonly kind: 'unseen'; readonly pipeline: string; readonly look: Look; readonly problem: string }
  | { readonly kind: 'broken'; readonly pipeline: string; readonly message: string };

export interface OverviewData {
  readonly lines: readonly PipelineLine[];
  readonly needs: readonly Need[];
  readonly backfills: readonly BackfillRecord[];
  /** False where Temporal does not answer: what is paused is not known then. */
  readonly temporal: boolean;
}

const SHOWN = 14; // intervals of each pipeline
const MOST_NEEDS = 50;

/** What the first page shows; reads no more of the ledger than that. */
export async function overviewData(
  ledger: Ledger,
  registry: Registry,
  schedules: Schedules,
  now: Date,
): Promise<OverviewData> {
  const [all, waiting, backfills, pauses] = await Promise.all([
    overview(ledger, registry.values(), now, SHOWN),
    ledger.waiting(MOST_NEEDS),
    ledger.backfills(),
    schedules.pauses(),
  ]);
  const lines = all.flatMap((line) => {
    const definition = registry.get(line.pipeline);
    const standing =
      pauses && line.isScheduled ? (pauses.get(line.pipeline) ?? ('not there' as const)) : undefined;
    return definition ? [{ ...line, definition, standing }] : [];
  });
  return {
    lines,
    needs: needsOf(lines, waiting, registry),
    backfills: backfills.filter(({ outcome }) => outcome === 'running'),
    temporal: pauses !== undefined,
  };
}

/** The gravest first. */
function needsOf(
  lines: readonly PipelineLine[],
  waiting: readonly WaitingStep[],
  registry: Registry,
): Need[] {
  const broken = [...(registry.broken ?? [])].map(([pipeline, { message }]): Need => ({
    kind: 'broken',
    pipeline,
    message,
  }));
  const failed = lines.flatMap(({ runs }) =>
    runs.filter(({ outcome }) => outcome === 'failed').map((run): Need => ({ kind: 'failed', run })),
  );
  const unseen = lines.flatMap(({ pipeline, look }): Need[] =>
    look?.problem == null ? [] : [{ kind: 'unseen', pipeline, look, problem: look.problem }],
  );
  const stale = lines.flatMap(({ pipeline, freshness }): Need[] =>
    freshness && (freshness.state === 'warn' || freshness.state === 'error')
      ? [{ kind: 'stale', pipeline, state: freshness.state, age: inWords(freshness.ageMs ?? 0) }]
      : [],
  );
  const asked = waiting.map((step): Need => ({ kind: 'waiting', step }));
  return [...asked, ...broken, ...failed, ...unseen, ...stale].slice(0, MOST_NEEDS);
}
