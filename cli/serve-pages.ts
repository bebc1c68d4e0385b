import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Pages } from '../connectors/pages/port.ts';
import { TerminalError } from '../core/errors.ts';
import { contentTypeOf } from '../core/dashboards/served.ts';

/** Serves the files of pages on this machine; whatever is asked for, it goes on. @param port 0: any that is free */
export async function servePages(
  pages: Pick<Pages, 'file'>,
  port: number,
  ready: (address: string) => void,
): Promise<Server> {
  const server = createServer((request, response) => {
    const path = pathOf(request.url ?? '/');
    if (path === undefined) {
      response.writeHead(400).end('This is no address.');
      return;
    }
    const file = path === '' || path.endsWith('/') ? `${path}index.html` : path;
    pages.file(file).then(
      (bytes) => {
        response.writeHead(bytes ? 200 : 404, { 'content-type': bytes ? contentTypeOf(file) : 'text/plain' });
        response.end(bytes ?? 'There is no such page.');
      },
      () => response.writeHead(503).end('The pages cannot be read now.'),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) =>
      reject(
        new TerminalError(
          `127.0.0.1:${port} cannot be listened on: ${error.message}. Choose another with --port.`,
          { cause: error },
        ),
      ),
    );
    server.listen(port, '127.0.0.1', resolve);
  });
  const { port: taken } = server.address() as AddressInfo;
  ready(`http://127.0.0.1:${taken}/`);
  return server;
}

/** Undefined where it is no text. */
function pathOf(url: string): string | undefined {
  try {
    return decodeURIComponent(url.split('?')[0] ?? '/').slice(1);
  } catch {
    return undefined;
  }
}
