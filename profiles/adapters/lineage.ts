import { z } from 'zod';
import type { LineageSink } from '../../connectors/lineage/port.ts';
import { text } from '../fields.ts';

/** Where events of lineage go. */
export const lineage = z.strictObject({
  type: z.literal('openlineage'),
  /** The whole address: `http://marquez:5000/api/v1/lineage`. */
  url: z.url({ protocol: /^https?$/ }),
  /** Sent as a bearer token. */
  token: text.optional(),
  /** Of jobs and datasets. */
  namespace: text.default('sluice'),
});

export async function openLineage({ url, token }: z.infer<typeof lineage>): Promise<LineageSink> {
  const { HttpLineage } = await import('../../connectors/lineage/http.ts');
  return new HttpLineage({ url, token });
}
