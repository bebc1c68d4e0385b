import type { MetricMeter } from '@temporalio/common';

export const STEP_SECONDS = 'sluice_step_seconds';
/** In seconds, from a small table to a night's work; the SDK's own buckets are milliseconds. */
export const STEP_BUCKETS = [0.1, 0.5, 1, 5, 15, 60, 300, 900, 3_600, 14_400] as const;

interface StepLabels {
  readonly pipeline: string;
  readonly step: string;
  readonly table: string | null;
}

/**
 * What steps did, on the same Prometheus endpoint as the SDK's own metrics, where counters end in `_total`:
 * `sluice_step_seconds`, `sluice_rows`, `sluice_bytes`, `sluice_step_failures`, and
 * `sluice_table_loaded_timestamp_seconds` — freshness of a table is `time()` minus that.
 */
export class StepMetrics {
  readonly #meter: MetricMeter;

  constructor(meter: MetricMeter) {
    this.#meter = meter;
  }

  done(
    labels: StepLabels,
    { seconds, rows, bytes }: { seconds: number; rows: number | null; bytes: number | null },
  ): void {
    const tags = toTags(labels);
    this.#meter
      .createHistogram(STEP_SECONDS, 'float', 's', 'Duration of a step attempt')
      .record(seconds, tags);
    if (rows !== null) this.#meter.createCounter('sluice_rows', 'rows', 'Rows a step moved').add(rows, tags);
    if (bytes !== null)
      this.#meter.createCounter('sluice_bytes', 'bytes', 'Bytes a step wrote').add(bytes, tags);
    if (labels.step === 'load') {
      this.#meter
        .createGauge('sluice_table_loaded_timestamp_seconds', 'int', 's', 'When a table was last loaded')
        .set(Math.floor(Date.now() / 1000), tags);
    }
  }

  failed(labels: StepLabels, outcome: string): void {
    this.#meter
      .createCounter('sluice_step_failures', 'attempts', 'Step attempts that failed')
      .add(1, { ...toTags(labels), outcome });
  }
}

function toTags({ pipeline, step, table }: StepLabels): Record<string, string> {
  return { pipeline, step, table: table ?? '' };
}
