import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Notify, Receiver } from '../../connectors/notify/port.ts';
import { SEVERITIES, severityOf, type Notice } from '../../core/notices/notice.ts';
import { text } from '../fields.ts';

/** What a receiver wants to hear; all of it where nothing is said. */
const wanted = {
  /** Of these pipelines alone. */
  pipelines: z.exactOptional(z.array(text).min(1)),
  /** As grave as this, or graver. */
  severity: z.enum(SEVERITIES).default('warning'),
};

const receiver = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('sns'), topicArn: text, ...wanted }),
  z.strictObject({ type: z.literal('webhook'), url: z.url(), ...wanted }),
  z.strictObject({
    type: z.literal('email'),
    /** `smtps://user:password@host:465`, or `smtp://host:587`, which goes on by STARTTLS. */
    server: z.url({ protocol: /^smtps?$/ }),
    from: text,
    to: z.array(text).min(1),
    ...wanted,
  }),
]);

/** One who is told, or several. */
export const notify = z
  .union([receiver, z.array(receiver).min(1)])
  .transform((given) => (Array.isArray(given) ? given : [given]));

export type ReceiverSettings = z.infer<typeof receiver>;

export async function openNotify(settings: readonly ReceiverSettings[]): Promise<readonly Receiver[]> {
  return Promise.all(
    settings.map(async (each) => {
      const door = await openDoor(each);
      return {
        name: nameOf(each),
        wants: (notice: Notice) =>
          (each.severity === 'warning' || severityOf(notice) === 'error') &&
          (each.pipelines?.includes(notice.pipeline) ?? true),
        send: (notice: Notice) => door.send(notice),
      };
    }),
  );
}

async function openDoor(settings: ReceiverSettings): Promise<Notify> {
  switch (settings.type) {
    case 'webhook': {
      const { WebhookNotify } = await import('../../connectors/notify/webhook.ts');
      return new WebhookNotify(settings);
    }
    case 'email': {
      const { EmailNotify } = await import('../../connectors/notify/email.ts');
      return new EmailNotify(settings);
    }
    case 'sns': {
      const { SnsNotify } = await import('../../connectors/notify/sns.ts');
      return new SnsNotify(settings);
    }
  }
}

/** The same over restarts, and whatever else the profile lists; an address may be a secret, of which a digest tells nothing. */
function nameOf({ type, ...address }: ReceiverSettings): string {
  return `${type}-${createHash('sha256').update(JSON.stringify(address)).digest('hex').slice(0, 12)}`;
}
