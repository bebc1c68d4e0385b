import { Context } from '@temporalio/activity';
import { orCleanUp } from '../core/clean-up.ts';
import type { ResolvedTable } from '../core/pipeline.ts';
import type { ExtractResult, RunRef } from '../core/run.ts';
import { arrivedBatch } from './arrived-batch.ts';
import type { Connectors } from './connectors.ts';
import { report } from './heartbeat.ts';
import { intervalBefore } from './interval-before.ts';
import { newLoadId } from './load-id.ts';
import { readInterval } from './read-interval.ts';
import { settle } from './standing-load.ts';

/**
 * Brings a table's rows for the interval from the source into the lake. Every attempt writes a load of its own; where the
 * files come out the same as those of the interval's last load, that one stands and the new files go.
 */
export async function extract(
  { lake, warehouse, source, ledger }: Connectors,
  run: RunRef,
  connection: string,
  table: ResolvedTable,
): Promise<ExtractResult> {
  const { cancellationSignal: signal } = Context.current();
  const mark = await warehouse.mark(run.pipeline, table.name);
  const before = await intervalBefore(warehouse, run, table);
  const interval = await readInterval(warehouse, run, table);
  const arrived = await arrivedBatch(ledger, run, table);
  const place = {
    pipeline: run.pipeline,
    domain: table.domain,
    table: table.name,
    logicalDate: interval.start,
    loadId: newLoadId(),
  };
  const load = await lake.open(place);
  const work = async () => {
    const opened = await source(connection);
    const {
      files,
      passedOver = [],
      ...extracted
    } = await opened.extract(
      {
        pipeline: run.pipeline,
        table,
        interval,
        mark,
        before,
        arrived,
        directory: load.directory,
        onProgress: report,
      },
      signal,
    );
    if (passedOver.length) await ledger.passOver(run.pipeline, run.interval, passedOver);
    const committed = await load.commit({
      version: 1,
      loadId: place.loadId,
      pipeline: run.pipeline,
      domain: table.domain,
      table: table.name,
      interval,
      mode: table.extract.mode,
      ...extracted,
      files,
    });
    return settle({ lake, warehouse }, run, committed);
  };
  return orCleanUp(work, () => load.abort());
}
