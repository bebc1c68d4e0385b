import { CloudWatchMetrics } from '../connectors/metrics/cloudwatch.ts';
import type { Metrics } from '../connectors/metrics/port.ts';
import type { Notify } from '../connectors/notify/port.ts';
import { SnsNotify } from '../connectors/notify/sns.ts';
import { WebhookNotify } from '../connectors/notify/webhook.ts';
import type { RunRef } from '../core/run.ts';
import type { Profile } from './profile.ts';

/** What a worker tells the world of its runs, as far as the profile names somebody to tell. */
export interface Reports {
  readonly notify: Notify | undefined;
  readonly metrics: Metrics | undefined;
  readonly linkTo: ((run: RunRef) => string) | undefined;
}

export function openReports({ notify, metrics, temporal }: Profile): Reports {
  return {
    notify: notify && (notify.type === 'sns' ? new SnsNotify(notify) : new WebhookNotify(notify)),
    metrics: metrics && new CloudWatchMetrics(metrics),
    linkTo: temporal.ui === undefined ? undefined : linkInto(temporal.ui, temporal.namespace),
  };
}

/** https://docs.temporal.io/web-ui: a workflow's page. */
function linkInto(ui: string, namespace: string): (run: RunRef) => string {
  const base = `${ui.replace(/\/+$/, '')}/namespaces/${encodeURIComponent(namespace)}/workflows`;
  return ({ workflowId, runId }) => `${base}/${encodeURIComponent(workflowId)}/${runId}/history`;
}
