import { createServer, type AddressInfo, connect } from 'node:net';

/** A TCP port that nobody listens on now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Waits until a port answers. @throws when it does not within the time, or when `exited` settles first */
export async function listening(
  port: number,
  what: string,
  { exited, log }: { readonly exited: Promise<number>; readonly log: string },
  timeoutMs = 30_000,
): Promise<void> {
  let gone: number | undefined;
  void exited.then((code) => (gone = code));
  const until = Date.now() + timeoutMs;
  while (!(await answers(port))) {
    if (gone !== undefined) throw new Error(`${what} ended with code ${gone}. Read ${log}.`);
    if (Date.now() > until) throw new Error(`${what} did not listen on port ${port} in time. Read ${log}.`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
