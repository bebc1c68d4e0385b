import { CloudWatchClient, GetMetricStatisticsCommand } from '@aws-sdk/client-cloudwatch';
import { metrics } from '../../infra-cdktf/contract.ts';

const HOUR_MS = 3_600_000;

/** Sum and number of what was recorded lately under a name and no dimension but the environment: what an alarm sees. */
export async function recorded(
  name: 'runFailures' | 'freshnessBreaches',
  environment: string,
): Promise<{ sum: number; count: number }> {
  const { Datapoints = [] } = await new CloudWatchClient().send(
    new GetMetricStatisticsCommand({
      Namespace: metrics.namespace,
      MetricName: metrics[name],
      Dimensions: [{ Name: 'Environment', Value: environment }],
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
