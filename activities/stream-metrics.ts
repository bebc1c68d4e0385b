import { Context } from '@temporalio/activity';
import type { StreamState } from '../connectors/source/port.ts';
import { modesMarkedBy } from '../core/extract-modes.ts';
import type { Connectors } from './connectors.ts';
import { say } from './step-lines.ts';

/**
 * What sources keep for pipelines that follow their changes, as gauges of the worker's Prometheus endpoint, by `pipeline` and
 * `connection`: bytes kept, bytes and seconds behind, and whether the source has given the stream up.
 */
export async function measureStreams({
  registry,
  source,
  warehouse,
}: Pick<Connectors, 'registry' | 'source' | 'warehouse'>): Promise<void> {
  const modes = modesMarkedBy('position');
  for (const { name, source: connection, tables } of registry.values()) {
    const followed = tables.filter(({ extract }) => modes.includes(extract.mode));
    if (connection === undefined || !followed.length) continue;
    try {
      const states = (await (await source(connection)).changes?.states([name])) ?? [];
      const loads = await Promise.all(followed.map((table) => warehouse.lastLoad(name, table.name)));
      const state = states.find(({ pipeline }) => pipeline === name);
      const times = loads.flatMap((load) => (load ? [Date.parse(load.loadedAt)] : []));
      if (state) record({ pipeline: name, connection }, state, Math.min(...times));
    } catch (error) {
      say(`The stream of ${name} on '${connection}' could not be looked at: ${String(error)}`, 'warn');
    }
  }
}

function record(labels: Record<string, string>, { slot }: StreamState, loadedAt: number): void {
  const gauge = (name: string, unit: string, what: string, value: number | null | undefined) => {
    if (value === null || value === undefined || !Number.isFinite(value)) return;
    Context.current()
      .metricMeter.createGauge(name, 'int', unit, what)
      .set(Math.max(0, Math.round(value)), labels);
  };
  gauge('sluice_stream_kept_bytes', 'bytes', 'Log that the source keeps for a stream', slot?.retainedBytes);
  gauge('sluice_stream_lag_bytes', 'bytes', 'Log written since what is loaded', slot?.lagBytes);
  gauge('sluice_stream_lag_seconds', 's', 'Since the last load', (Date.now() - loadedAt) / 1000);
  gauge('sluice_stream_lost', 'streams', 'Given up by the source', slot?.wal === 'lost' ? 1 : 0);
}
