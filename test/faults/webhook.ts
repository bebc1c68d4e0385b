import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Notify, Receiver } from '../../connectors/notify/port.ts';
import type { Notice } from '../../core/notices/notice.ts';

export interface Webhook {
  readonly url: string;
  /** What was posted and accepted, oldest first. */
  readonly notices: readonly Notice[];
  /** How it answers from here on; once per status given, then with 200 again. */
  answer(...statuses: readonly number[]): void;
  /** Forgets what it was sent. */
  clear(): void;
  close(): Promise<void>;
}

/** Who wants to hear everything. */
export const aReceiver = (door: Notify): Receiver => ({
  name: 'everything',
  wants: () => true,
  send: (notice) => door.send(notice),
});

/** A real HTTP server in the place of a chat system's webhook. */
export async function startWebhook(): Promise<Webhook> {
  const notices: Notice[] = [];
  const statuses: number[] = [];
  const server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => (text += chunk.toString()));
    request.on('end', () => {
      const status = statuses.shift() ?? 200;
      if (status === 200) notices.push((JSON.parse(text) as { notice: Notice }).notice);
      response.writeHead(status).end();
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    notices,
    answer: (...next) => void statuses.splice(0, statuses.length, ...next),
    clear: () => void notices.splice(0),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
