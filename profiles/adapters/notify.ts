import { z } from 'zod';
import type { Notify } from '../../connectors/notify/port.ts';
import { text } from '../fields.ts';

export const notify = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('sns'), topicArn: text }),
  z.strictObject({ type: z.literal('webhook'), url: z.url() }),
]);

export async function openNotify(settings: z.infer<typeof notify>): Promise<Notify> {
  if (settings.type === 'webhook') {
    const { WebhookNotify } = await import('../../connectors/notify/webhook.ts');
    return new WebhookNotify(settings);
  }
  const { SnsNotify } = await import('../../connectors/notify/sns.ts');
  return new SnsNotify(settings);
}
