import type { LineageSink } from '../connectors/lineage/port.ts';
import type { Metrics } from '../connectors/metrics/port.ts';
import type { Receiver } from '../connectors/notify/port.ts';
import type { RunRef } from '../core/run.ts';
import { openMetrics } from './adapters/metrics.ts';
import * as lineages from './adapters/lineage.ts';
import { openNotify } from './adapters/notify.ts';
import type { Profile } from './profile.ts';

/** What a worker tells the world of its runs, as far as the profile names somebody to tell. */
export interface Reports {
  readonly notify: readonly Receiver[] | undefined;
  readonly metrics: Metrics | undefined;
  readonly linkTo: ((run: RunRef) => string) | undefined;
}

export async function openReports({ notify, metrics, temporal }: Profile): Promise<Reports> {
  return {
    notify: notify && (await openNotify(notify)),
    metrics: metrics && (await openMetrics(metrics)),
    linkTo: temporal.ui === undefined ? undefined : linkInto(temporal.ui, temporal.namespace),
  };
}

/** Who takes events of lineage; undefined where the profile names nobody. */
export async function openLineage({ lineage }: Profile): Promise<LineageSink | undefined> {
  return lineage && lineages.openLineage(lineage);
}

/** https://docs.temporal.io/web-ui: a workflow's page. */
function linkInto(ui: string, namespace: string): (run: RunRef) => string {
  const base = `${ui.replace(/\/+$/, '')}/namespaces/${encodeURIComponent(namespace)}/workflows`;
  return ({ workflowId, runId }) => `${base}/${encodeURIComponent(workflowId)}/${runId}/history`;
}
