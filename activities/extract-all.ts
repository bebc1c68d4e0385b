import { Context } from '@temporalio/activity';
import { HandedOver, messageOf } from '../core/errors.ts';
import { DEFAULT_PATIENCE, notLast } from '../core/patience.ts';
import type { ResolvedTable } from '../core/pipeline.ts';
import type { ExtractResult, RunRef } from '../core/run.ts';
import type { ExtractedTable } from '../connectors/extractor/port.ts';
import type { Connectors } from './connectors.ts';
import { intervalBefore } from './interval-before.ts';
import { newLoadId } from './load-id.ts';
import { readInterval } from './read-interval.ts';
import { withRemoteWork } from './remote-work.ts';
import { settle } from './standing-load.ts';

/** What became of one table: its load, or why there is none. */
export type TableExtract = { readonly table: string } & (
  { readonly result: ExtractResult } | { readonly error: string }
);

/**
 * Has an extractor read all tables of a run at once; each is recorded as an `extract` step of its own. While attempts are
 * left, a failure that may pass fails the attempt; tables that were read are not read again, for attempts share a token.
 */
export async function extractAll(
  connectors: Connectors,
  run: RunRef,
  connection: string,
  tables: readonly ResolvedTable[],
): Promise<TableExtract[]> {
  const { warehouse, steps, extractor } = connectors;
  const { attempt, scheduledTimestampMs } = Context.current().info;
  await Promise.all(tables.map((table) => steps.startStep(run.runId, 'extract', table.name, attempt)));
  try {
    const wanted = await Promise.all(
      tables.map(async (table) => ({
        table,
        mark: await warehouse.mark(run.pipeline, table.name),
        before: await intervalBefore(warehouse, run, table),
        interval: await readInterval(warehouse, run, table),
        loadId: newLoadId(),
      })),
    );
    const { pipeline, interval } = run;
    const opened = await extractor(connection);
    const extracted = await withRemoteWork(run, (signal, report) =>
      opened.extractAll({ pipeline, interval, tables: wanted, token: run.runId }, signal, report),
    );
    const made = { attempt, elapsedMs: Date.now() - scheduledTimestampMs };
    const errors = extracted.flatMap((each) => ('error' in each ? [each.error] : []));
    const passing = notLast(errors, run.patience ?? DEFAULT_PATIENCE, made);
    if (passing) throw passing;
    return await Promise.all(extracted.map((each) => recorded(connectors, run, each, attempt)));
  } catch (error) {
    const { aborted } = Context.current().cancellationSignal;
    const outcome = aborted && !(error instanceof HandedOver) ? 'cancelled' : 'failed';
    const end = { error: messageOf(error), outcome } as const;
    await Promise.all(
      tables.map((table) => steps.finishStep(run.runId, 'extract', table.name, attempt, end)),
    );
    throw error;
  }
}

async function recorded(
  connectors: Connectors,
  run: RunRef,
  each: ExtractedTable,
  attempt: number,
): Promise<TableExtract> {
  const { table } = each;
  if ('error' in each) {
    const error = messageOf(each.error);
    await connectors.steps.finishStep(run.runId, 'extract', table, attempt, { error, outcome: 'failed' });
    return { table, error };
  }
  const result = await settle(connectors, run, each);
  await connectors.steps.finishStep(run.runId, 'extract', table, attempt, {
    result,
    rows: result.rows,
    bytes: result.bytes,
  });
  return { table, result };
}
