import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CloudWatchClient, GetMetricStatisticsCommand } from '@aws-sdk/client-cloudwatch';
import { motoProgram, startMoto, type MotoServer } from '../../aws-local/services/moto.ts';
import { howToGet } from '../../aws-local/services/tools.ts';
import { metrics } from '../../infra-cdktf/contract.ts';
import type { LabWorker } from './crew.ts';
import { Lab } from './lab.ts';
import { startWebhook, type Webhook } from './webhook.ts';

const ENVIRONMENT = 'lab';
const HOUR_MS = 3_600_000;

/** Why numbers are not looked at; empty where they are. */
export const notCounted = motoProgram() ? '' : ` NOT TESTED: ${howToGet('moto (.tools/moto)')}`;

/** A lab with a worker whose profile has somebody to tell: a webhook, and CloudWatch where there is a stand-in for it. */
export interface ReportingLab {
  readonly lab: Lab;
  readonly worker: LabWorker;
  readonly webhook: Webhook;
  /** What an alarm sees: sum and number of what was recorded lately with no dimension but the environment. */
  recorded(name: 'runFailures' | 'freshnessBreaches'): Promise<{ sum: number; count: number }>;
  close(): Promise<void>;
}

export async function startReportingLab(): Promise<ReportingLab> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-reports-'));
  const webhook = await startWebhook();
  const moto = notCounted ? undefined : await startCloudWatch(folder);
  const lab = await Lab.open((profile) => ({
    ...profile,
    notify: [{ type: 'webhook', url: webhook.url, severity: 'warning' }],
    ...(moto ? { metrics: { type: 'cloudwatch', environment: ENVIRONMENT } } : {}),
  }));
  const worker = await lab.startWorker();
  return {
    lab,
    worker,
    webhook,
    recorded,
    async close() {
      await lab.close();
      await moto?.stop();
      await webhook.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function startCloudWatch(folder: string): Promise<MotoServer> {
  const moto = await startMoto(folder);
  Object.assign(process.env, {
    AWS_REGION: 'eu-central-1',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_ENDPOINT_URL_CLOUDWATCH: moto.endpoint,
  });
  return moto;
}

async function recorded(name: 'runFailures' | 'freshnessBreaches'): Promise<{ sum: number; count: number }> {
  const { Datapoints = [] } = await new CloudWatchClient().send(
    new GetMetricStatisticsCommand({
      Namespace: metrics.namespace,
      MetricName: metrics[name],
      Dimensions: [{ Name: 'Environment', Value: ENVIRONMENT }],
      StartTime: new Date(Date.now() - HOUR_MS),
      EndTime: new Date(Date.now() + HOUR_MS),
      Period: 60,
      Statistics: ['Sum', 'SampleCount'],
    }),
  );
  const total = (field: 'Sum' | 'SampleCount') =>
    Datapoints.reduce((sum, point) => sum + (point[field] ?? 0), 0);
  return { sum: total('Sum'), count: total('SampleCount') };
}
