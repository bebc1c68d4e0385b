import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** A way to a server through which a test lets connections pass, or does not. */
export interface Gate {
  readonly port: number;
  /** Those that have come so far. */
  readonly connections: number;
  /** Ends every connection as a server does that was killed (a reset), and refuses new ones. */
  cut(): Promise<void>;
  /** Lets nothing through any more, in either direction, and says nothing. */
  hang(): void;
  /** Lets connections pass again. */
  open(): Promise<void>;
  close(): Promise<void>;
}

export async function openGate(to: { readonly host: string; readonly port: number }): Promise<Gate> {
  const sockets = new Set<Socket>();
  let hanging = false;
  let connections = 0;
  const pass = (from: Socket) => {
    connections += 1;
    const server = connect(to.port, to.host);
    for (const [one, other] of [
      [from, server],
      [server, from],
    ] as const) {
      sockets.add(one);
      one.on('error', () => undefined);
      one.on('data', (bytes) => hanging || other.write(bytes));
      one.on('end', () => hanging || other.end());
      one.on('close', () => sockets.delete(one));
    }
  };
  let listener = createServer(pass);
  const listen = (port: number) =>
    new Promise<void>((resolve, reject) => {
      listener.once('error', reject);
      listener.listen(port, '127.0.0.1', resolve);
    });
  await listen(0);
  const { port } = listener.address() as AddressInfo;
  const cut = async () => {
    const closed = new Promise((resolve) => listener.close(resolve));
    for (const socket of sockets) socket.resetAndDestroy();
    await closed;
  };
  return {
    port,
    get connections() {
      return connections;
    },
    cut,
    hang: () => {
      hanging = true;
    },
    async open() {
      hanging = false;
      if (listener.listening) return;
      listener = createServer(pass);
      await listen(port);
    },
    close: async () => {
      if (listener.listening) await cut();
    },
  };
}
