import { decidingTables, without } from '../core/coverage.ts';
import { intervalText, type DataInterval } from '../core/interval.ts';
import type { ResolvedPipeline } from '../core/pipeline.ts';
import type { Ledger, RunRecord } from '../connectors/ledger/port.ts';

/**
 * Why a pipeline has not yet done all of an interval; undefined when it has: every moment of it is in a run that succeeded and that
 * built the models, if there are any, its tables, if there are any, are loaded for it, and nothing has failed over it since.
 */
export async function notDoneYet(
  ledger: Pick<Ledger, 'runs' | 'missing' | 'failed' | 'stepMarks'>,
  { name, tables, transform }: ResolvedPipeline,
  interval: DataInterval,
): Promise<string | undefined> {
  const deciding = decidingTables(tables);
  const [runs, missing, failed] = await Promise.all([
    ledger.runs({ pipeline: name, overlapping: interval, outcomes: ['succeeded'] }),
    ledger.missing(name, deciding, interval),
    ledger.failed(name, deciding, interval),
  ]);
  const [gap] = missing;
  if (gap)
    return gap.tables.length
      ? `${gap.tables.join(', ')} of ${name} not loaded for ${intervalText(gap)}`
      : `no run of ${name} has succeeded over ${intervalText(gap)}`;
  const [broken] = failed;
  if (broken) return `${name} has failed over ${intervalText(broken)}`;
  const whole = transform ? await thatBuiltModels(ledger, runs) : runs;
  const [left] = without(
    [interval],
    whole.map(({ interval }) => interval),
  );
  return (
    left && `no run of ${name} has succeeded${transform ? ' with its models' : ''} over ${intervalText(left)}`
  );
}

/** Of runs that succeeded, those that did not leave their models out: by what they were given, or as it came. */
async function thatBuiltModels(
  ledger: Pick<Ledger, 'stepMarks'>,
  runs: readonly RunRecord[],
): Promise<readonly RunRecord[]> {
  const asked = runs.filter(({ input }) => !input.skip?.includes('transform'));
  const marks = await ledger.stepMarks(
    asked.map(({ runId }) => runId),
    'transform',
    1,
  );
  // One that took them from an earlier run has no step of its own.
  const leftOut = new Set(marks.flatMap(({ runId, outcome }) => (outcome === 'skipped' ? [runId] : [])));
  return asked.filter(({ runId }) => !leftOut.has(runId));
}
