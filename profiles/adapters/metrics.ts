import { z } from 'zod';
import type { Metrics } from '../../connectors/metrics/port.ts';
import { text } from '../fields.ts';

export const metrics = z.discriminatedUnion('type', [
  /** `environment` is the value of the dimension `Environment`. */
  z.strictObject({ type: z.literal('cloudwatch'), environment: text }),
]);

export async function openMetrics(settings: z.infer<typeof metrics>): Promise<Metrics> {
  const { CloudWatchMetrics } = await import('../../connectors/metrics/cloudwatch.ts');
  return new CloudWatchMetrics(settings);
}
