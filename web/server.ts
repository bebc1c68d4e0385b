import { serve } from '@hono/node-server';
import type { Server } from 'node:http';
import { TerminalError } from '../core/errors.ts';
import type { App } from './app.tsx';

export interface Serving {
  readonly address: string;
  close(): Promise<void>;
}

/** Serves the pages. @param address `host:port` @throws {TerminalError} where the port is taken */
export async function servePages(app: App, address: string): Promise<Serving> {
  const at = address.lastIndexOf(':');
  const [host, port] = [address.slice(0, at), Number(address.slice(at + 1))];
  const server = await new Promise<Server>((resolve, reject) => {
    const listening = serve({ fetch: app.fetch, hostname: host, port }, () => resolve(listening as Server));
    listening.once('error', (error: NodeJS.ErrnoException) =>
      reject(
        new TerminalError(
          `The pages cannot be served on ${address}: ${error.message}. Free the port, or name another in 'pages.address' of the profile.`,
          { cause: error },
        ),
      ),
    );
  });
  server.requestTimeout = 30_000;
  server.headersTimeout = 10_000;
  const found = server.address();
  const bound = typeof found === 'object' && found ? found.port : port;
  return {
    address: `http://${host}:${bound}`,
    close: () =>
      new Promise((resolve) => {
        app.close();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
