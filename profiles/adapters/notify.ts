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
    server: z
      .url({ protocol: /^smtps?$/ })
      .refine(isEncoded, 'user and password must be percent-encoded: a % is written %25'),
    from: text,
    /** Each is told by itself. */
    to: z.array(text).min(1),
    ...wanted,
  }),
]);

/** One who is told, or several. */
export const notify = z.preprocess(
  (given) => (Array.isArray(given) || given === undefined ? given : [given]),
  z.array(receiver).min(1),
);

export type ReceiverSettings = z.infer<typeof receiver>;

/** @param settings of a profile, in its order */
export async function openNotify(settings: readonly ReceiverSettings[]): Promise<readonly Receiver[]> {
  const doors = await Promise.all(settings.map(openDoors));
  return doors.flatMap((of, at) =>
    of.map(({ address, door }) => {
      const { type, pipelines, severity } = settings[at] ?? { type: '', severity: 'warning' };
      return {
        name: `${type}-${createHash('sha256').update(address).digest('hex').slice(0, 12)}`,
        wants: (notice: Notice) =>
          (severity === 'warning' || severityOf(notice) === 'error') &&
          (pipelines?.includes(notice.pipeline) ?? true),
        send: (notice: Notice) => door.send(notice),
      };
    }),
  );
}

/** A door, and where it leads: what names it over restarts. A password is not part of that. */
interface AddressedDoor {
  readonly address: string;
  readonly door: Notify;
}

async function openDoors(settings: ReceiverSettings): Promise<readonly AddressedDoor[]> {
  switch (settings.type) {
    case 'webhook': {
      const { WebhookNotify } = await import('../../connectors/notify/webhook.ts');
      return [{ address: settings.url, door: new WebhookNotify(settings) }];
    }
    case 'email': {
      const { EmailNotify } = await import('../../connectors/notify/email.ts');
      const { server, from, to } = settings;
      return to.map((address) => ({
        address: `${new URL(server).host} ${address}`,
        door: new EmailNotify({ server, from, to: address }),
      }));
    }
    case 'sns': {
      const { SnsNotify } = await import('../../connectors/notify/sns.ts');
      return [{ address: settings.topicArn, door: new SnsNotify(settings) }];
    }
  }
}

function isEncoded(server: string): boolean {
  try {
    const { username, password } = new URL(server);
    decodeURIComponent(username);
    decodeURIComponent(password);
    return true;
  } catch {
    return false;
  }
}
