import { CloudWatchClient, type MetricDatum, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { messageOf, TerminalError, TransientError } from '../../core/errors.ts';
import type { Metrics, RunMetrics } from './port.ts';

export interface CloudWatchMetricsOptions {
  /** The value of the dimension `Environment`, which every number has: environments may share an account. */
  readonly environment: string;
  /** Where absent, the SDK finds it in the environment. Endpoint: `AWS_ENDPOINT_URL_CLOUDWATCH`. */
  readonly region?: string;
}

/** Alarms look for these names, with no dimension but `Environment`: they are a contract with infra-cdktf/contract.ts. */
const NAMESPACE = 'Sluice';
const RUN_FAILURES = 'RunFailures';
const FRESHNESS_BREACHES = 'FreshnessBreaches';
const BATCH = 1_000; // the limit of PutMetricData
const TERMINAL = new Set([
  'AccessDenied',
  'AccessDeniedException',
  'CredentialsProviderError',
  'InvalidParameterValue',
]);

/**
 * Amazon CloudWatch, one request for each run: `RunFailures` (0 or 1), `Runs` by outcome, `Duration`, `Rows`, `Bytes` by pipeline,
 * `Lag` by table; and one for each look at freshness: `FreshnessBreaches`.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricData.html
 */
export class CloudWatchMetrics implements Metrics {
  readonly #client: CloudWatchClient;
  readonly #environment: string;

  constructor({ environment, region }: CloudWatchMetricsOptions) {
    this.#client = new CloudWatchClient(region ? { region } : {});
    this.#environment = environment;
  }

  async record({ pipeline, outcome, seconds, rows, bytes, lagSeconds }: RunMetrics, at: Date): Promise<void> {
    const byPipeline = { Pipeline: pipeline };
    await this.#put(at, [
      // A zero lets the alarm of an earlier failure end.
      datum(RUN_FAILURES, outcome === 'failed' ? 1 : 0, 'Count'),
      datum('Runs', 1, 'Count', { ...byPipeline, Outcome: outcome }),
      datum('Duration', seconds, 'Seconds', byPipeline),
      datum('Rows', rows, 'Count', byPipeline),
      datum('Bytes', bytes, 'Bytes', byPipeline),
      ...Object.entries(lagSeconds).map(([table, lag]) =>
        datum('Lag', lag, 'Seconds', { ...byPipeline, Table: table }),
      ),
    ]);
  }

  async recordFreshness(breaches: number, at: Date): Promise<void> {
    await this.#put(at, [datum(FRESHNESS_BREACHES, breaches, 'Count')]);
  }

  async #put(Timestamp: Date, data: readonly Datum[]): Promise<void> {
    const MetricData = data.map(({ dimensions, ...each }) => ({
      ...each,
      Timestamp,
      Dimensions: Object.entries({ ...dimensions, Environment: this.#environment }).map(([Name, Value]) => ({
        Name,
        Value,
      })),
    }));
    try {
      for (let from = 0; from < MetricData.length; from += BATCH) {
        const batch = MetricData.slice(from, from + BATCH);
        await this.#client.send(new PutMetricDataCommand({ Namespace: NAMESPACE, MetricData: batch }));
      }
    } catch (error) {
      throw translated(error);
    }
  }
}

interface Datum extends Required<Pick<MetricDatum, 'MetricName' | 'Value' | 'Unit'>> {
  readonly dimensions: Readonly<Record<string, string>>;
}

function datum(
  MetricName: string,
  Value: number,
  Unit: 'Count' | 'Seconds' | 'Bytes',
  dimensions: Datum['dimensions'] = {},
): Datum {
  return { MetricName, Value, Unit, dimensions };
}

function translated(cause: unknown): TerminalError | TransientError {
  const name = cause instanceof Error ? cause.name : '';
  const said = messageOf(cause);
  if (TERMINAL.has(name)) {
    return new TerminalError(
      `CloudWatch refuses the metrics (${said}). Give the role cloudwatch:PutMetricData on namespace ${NAMESPACE}.`,
      { cause },
    );
  }
  return new TransientError(`CloudWatch could not be reached (${name}: ${said}). Try again.`, { cause });
}
