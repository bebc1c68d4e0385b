import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CloudWatchClient, GetMetricStatisticsCommand, ListMetricsCommand } from '@aws-sdk/client-cloudwatch';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { motoProgram, startMoto, type MotoServer } from '../../aws-local/services/moto.ts';
import { howToGet } from '../../aws-local/services/tools.ts';
import { metrics as contract } from '../../infra-cdktf/contract.ts';
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

  const RUN = {
    pipeline: 'olist',
    outcome: 'succeeded',
    seconds: 12,
    rows: 99,
    bytes: 1234,
    lagSeconds: { orders: 7200 },
  } as const;

  /** The values under a name and exactly these dimensions: CloudWatch keeps a metric for each set of them. */
  const valuesOf = async (name: string, dimensions: Readonly<Record<string, string>>, at: Date) => {
    const { Datapoints = [] } = await new CloudWatchClient().send(
      new GetMetricStatisticsCommand({
        Namespace: 'Sluice',
        MetricName: name,
        Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
        StartTime: new Date(at.getTime() - 60_000),
        EndTime: new Date(at.getTime() + 60_000),
        Period: 60,
        Statistics: ['Sum', 'SampleCount'],
      }),
    );
    return Datapoints.map(({ Sum, SampleCount }) => [Sum, SampleCount]);
  };

  it('records a run: outcome, duration, rows, bytes, and the lag of each table', async () => {
    const at = new Date();
    await new CloudWatchMetrics({ environment: 'one' }).record(RUN, at);
    const { Metrics = [] } = await new CloudWatchClient().send(
      new ListMetricsCommand({ Namespace: 'Sluice' }),
    );
    expect(Metrics.map(({ MetricName }) => MetricName).sort()).toEqual([
      'Bytes',
      'Duration',
      'Lag',
      'Rows',
      'RunFailures',
      'Runs',
    ]);
    const orders = { Pipeline: 'olist', Table: 'orders', Environment: 'one' };
    expect(await valuesOf('Lag', orders, at)).toEqual([[7200, 1]]);
  });

  it('gives alarms what the stacks make them look at', async () => {
    const at = new Date();
    const metrics = new CloudWatchMetrics({ environment: 'two' });
    await metrics.record(RUN, at);
    expect(await valuesOf(contract.runFailures, { Environment: 'two' }, at)).toEqual([[0, 1]]);
    await metrics.record({ ...RUN, outcome: 'failed' }, at);
    await metrics.record({ ...RUN, outcome: 'cancelled' }, at);
    expect(await valuesOf(contract.runFailures, { Environment: 'two' }, at)).toEqual([[1, 3]]);
    await metrics.recordFreshness(2, at);
    expect(await valuesOf(contract.freshnessBreaches, { Environment: 'two' }, at)).toEqual([[2, 1]]);
  });
}
