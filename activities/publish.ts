import { rawSchema } from '../core/pipeline.ts';
import type { PublishResult, RunRef, TableLoad } from '../core/run.ts';
import type { Connectors } from './connectors.ts';

/** Tells the ledger which assets the run has brought up to date. May be repeated. */
export async function publish(
  { ledger }: Connectors,
  run: RunRef,
  loads: readonly TableLoad[],
): Promise<PublishResult> {
  const events = loads.map(({ table, load }) => ({
    asset: `${rawSchema(run.pipeline)}.${table}`,
    rows: load.rows,
  }));
  await ledger.publish(run, [...events, { asset: run.pipeline, rows: null }]);
  return { assets: events.map((event) => event.asset) };
}
