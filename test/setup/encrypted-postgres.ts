import { readFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';

export interface EncryptedPostgres {
  /** On 127.0.0.1. */
  readonly port: number;
  readonly close: () => void;
}

const SSL_REQUEST = 8; // bytes

/** Speaks TLS as PostgreSQL does, in front of one that may have none. It answers no one who asks for none. */
export async function encryptedPostgres(
  behind: { readonly host: string; readonly port: number },
  files: { readonly certificate: string; readonly key: string },
): Promise<EncryptedPostgres> {
  const certificate = { cert: readFileSync(files.certificate), key: readFileSync(files.key) };
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    socket.once('readable', () => begin(socket));
  });
  const begin = (socket: Socket): void => {
    if (socket.read(SSL_REQUEST) === null) return;
    socket.write('S');
    const inside = new TLSSocket(socket, { isServer: true, ...certificate });
    const database = connect(behind.port, behind.host);
    for (const end of [inside, database])
      end
        .on('error', () => undefined)
        .on('close', () => [inside, database].forEach((each) => each.destroy()));
    inside.pipe(database).pipe(inside);
  };
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  return { port: (server.address() as AddressInfo).port, close: () => void server.close() };
}
