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

/** Somebody who is told, as far as the profile says. */
export interface NamedReceiver extends Omit<Receiver, 'send'> {
  /** For people: where it leads, without what is secret of it. */
  readonly label: string;
}

interface Addressee extends NamedReceiver {
  /** Of a mail: to whom. */
  readonly to: string;
}

/** All who are told, in the order of the profile. */
export function receiversOf(settings: readonly ReceiverSettings[]): readonly NamedReceiver[] {
  return settings.flatMap(addresseesOf);
}

function addresseesOf(settings: ReceiverSettings): readonly Addressee[] {
  const { type, pipelines, severity } = settings;
  return placesOf(settings).map(({ address, label, to = '' }) => ({
    name: `${type}-${createHash('sha256').update(address).digest('hex').slice(0, 12)}`,
    label,
    to,
    wants: (notice: Notice) =>
      (severity === 'warning' || severityOf(notice) === 'error') &&
      (pipelines?.includes(notice.pipeline) ?? true),
  }));
}

/** `address` is what names a receiver over restarts; a password is not part of that. */
function placesOf(settings: ReceiverSettings): readonly { address: string; label: string; to?: string }[] {
  switch (settings.type) {
    case 'webhook':
      return [{ address: settings.url, label: `webhook at ${new URL(settings.url).host}` }];
    case 'email': {
      const { host } = new URL(settings.server);
      return settings.to.map((to) => ({ address: `${host} ${to}`, label: to, to }));
    }
    case 'sns':
      return [{ address: settings.topicArn, label: `topic ${settings.topicArn.split(':').at(-1) ?? ''}` }];
  }
}

/** @param settings of a profile, in its order */
export async function openNotify(settings: readonly ReceiverSettings[]): Promise<readonly Receiver[]> {
  const opened = await Promise.all(
    settings.map((each) =>
      Promise.all(
        addresseesOf(each).map(async ({ name, wants, to }) => {
          const door = await openDoor(each, to);
          return { name, wants, send: (notice: Notice) => door.send(notice) };
        }),
      ),
    ),
  );
  return opened.flat();
}

async function openDoor(settings: ReceiverSettings, to: string): Promise<Notify> {
  switch (settings.type) {
    case 'webhook':
      return new (await import('../../connectors/notify/webhook.ts')).WebhookNotify(settings);
    case 'email': {
      const { EmailNotify } = await import('../../connectors/notify/email.ts');
      return new EmailNotify({ server: settings.server, from: settings.from, to });
    }
    case 'sns':
      return new (await import('../../connectors/notify/sns.ts')).SnsNotify(settings);
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
