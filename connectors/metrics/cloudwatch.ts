import { CloudWatchClient, type MetricDatum, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { messageOf, TerminalError, TransientError } from '../../core/errors.ts';
import type { Metrics, RunMetrics } from './port.ts';

export interface CloudWatchMetricsOptions {
  /** Default `Sluice`. */
  readonly namespace?: string;
  /** Where absent, the SDK finds it in the environment. Endpoint: `AWS_ENDPOINT_URL_CLOUDWATCH`. */
  readonly region?: string;
}

const BATCH = 1_000; // the limit of PutMetricData
const TERMINAL = new Set([
  'AccessDenied',
  'AccessDeniedException',
  'CredentialsProviderError',
  'InvalidParameterValue',
]);

/**
 * Amazon CloudWatch, one request for each run: `Runs` by outcome, `Duration`, `Rows`, `Bytes` by pipeline, `Lag` by table.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricData.html
 */
export class CloudWatchMetrics implements Metrics {
  readonly #client: CloudWatchClient;
  readonly #namespace: string;

  constructor({ namespace = 'Sluice', region }: CloudWatchMetricsOptions = {}) {
    this.#client = new CloudWatchClient(region ? { region } : {});
    this.#namespace = namespace;
  }

  async record(run: RunMetrics, at: Date): Promise<void> {
    const data = dataOf(run, at);
    try {
      for (let from = 0; from < data.length; from += BATCH) {
        const MetricData = data.slice(from, from + BATCH);
        await this.#client.send(new PutMetricDataCommand({ Namespace: this.#namespace, MetricData }));
      }
    } catch (error) {
      const name = error instanceof Error ? error.name : '';
      const options = { cause: error };
      if (TERMINAL.has(name)) {
        throw new TerminalError(
          `CloudWatch refuses the metrics (${messageOf(error)}). Give the role cloudwatch:PutMetricData on namespace ${this.#namespace}.`,
          options,
        );
      }
      throw new TransientError(
        `CloudWatch could not be reached (${name}: ${messageOf(error)}). Try again.`,
        options,
      );
    }
  }
}

function dataOf(
  { pipeline, outcome, seconds, rows, bytes, lagSeconds }: RunMetrics,
  Timestamp: Date,
): MetricDatum[] {
  const byPipeline = { Name: 'Pipeline', Value: pipeline };
  const datum = (
    MetricName: string,
    Value: number,
    Unit: MetricDatum['Unit'],
    more: MetricDatum['Dimensions'] = [],
  ) => ({
    MetricName,
    Value,
    Unit,
    Timestamp,
    Dimensions: [byPipeline, ...more],
  });
  return [
    datum('Runs', 1, 'Count', [{ Name: 'Outcome', Value: outcome }]),
    datum('Duration', seconds, 'Seconds'),
    datum('Rows', rows, 'Count'),
    datum('Bytes', bytes, 'Bytes'),
    ...Object.entries(lagSeconds).map(([table, lag]) =>
      datum('Lag', lag, 'Seconds', [{ Name: 'Table', Value: table }]),
    ),
  ];
}
