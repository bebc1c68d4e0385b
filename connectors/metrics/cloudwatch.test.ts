import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CloudWatchClient, GetMetricStatisticsCommand, ListMetricsCommand } from '@aws-sdk/client-cloudwatch';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { motoProgram, startMoto, type MotoServer } from '../../aws-local/services/moto.ts';
import { howToGet } from '../../aws-local/services/tools.ts';
import { CloudWatchMetrics } from './cloudwatch.ts';

const missing = motoProgram() ? undefined : howToGet('moto (.tools/moto)');
if (missing) describe.skip(`CloudWatchMetrics NOT TESTED: ${missing}`, () => it('records', () => undefined));
else describe('CloudWatchMetrics', records);

function records(): void {
  let folder: string;
  let moto: MotoServer;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'cloudwatch-'));
    moto = await startMoto(folder);
    Object.assign(process.env, {
      AWS_REGION: 'eu-central-1',
      AWS_ACCESS_KEY_ID: 'local',
      AWS_SECRET_ACCESS_KEY: 'local',
      AWS_ENDPOINT_URL_CLOUDWATCH: moto.endpoint,
    });
  });
  afterAll(async () => {
    await moto.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it('records a run: outcome, duration, rows, bytes, and the lag of each table', async () => {
    const at = new Date();
    await new CloudWatchMetrics().record(
      {
        pipeline: 'olist',
        outcome: 'succeeded',
        seconds: 12,
        rows: 99,
        bytes: 1234,
        lagSeconds: { orders: 7200 },
      },
      at,
    );
    const client = new CloudWatchClient();
    const { Metrics = [] } = await client.send(new ListMetricsCommand({ Namespace: 'Sluice' }));
    expect(Metrics.map(({ MetricName }) => MetricName).sort()).toEqual([
      'Bytes',
      'Duration',
      'Lag',
      'Rows',
      'Runs',
    ]);
    const { Datapoints = [] } = await client.send(
      new GetMetricStatisticsCommand({
        Namespace: 'Sluice',
        MetricName: 'Lag',
        Dimensions: [
          { Name: 'Pipeline', Value: 'olist' },
          { Name: 'Table', Value: 'orders' },
        ],
        StartTime: new Date(at.getTime() - 60_000),
        EndTime: new Date(at.getTime() + 60_000),
        Period: 60,
        Statistics: ['Sum'],
      }),
    );
    expect(Datapoints.map(({ Sum }) => Sum)).toEqual([7200]);
  });
}
