import { createServer, request as forward, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What happens to a request on its way to the service. */
export type Fault =
  /** The service does it, and nobody hears of it. */
  | 'lose the answer'
  /** The connection breaks in the middle of the body; the service never sees the request. */
  | 'cut the request'
  /** The service never sees it; this is the answer. */
  | { readonly status: number; readonly body: string; readonly type?: string };

export interface FaultRule {
  /** Looks at a request: method, URL and headers. */
  readonly where: (request: IncomingMessage) => boolean;
  readonly fault: Fault;
  /** How many requests it strikes (default 1). */
  readonly times?: number;
}

export interface FaultProxy {
  readonly endpoint: string;
  /** Adds a rule; the first that fits strikes. */
  strike(rule: FaultRule): void;
  /** How often rules have struck. */
  readonly struck: number;
  /** Takes all rules away. */
  heal(): void;
  stop(): Promise<void>;
}

/** Stands between a client and a service and breaks what it is told to; all else passes unchanged. */
export async function startFaultProxy(target: string): Promise<FaultProxy> {
  const { hostname, port } = new URL(target);
  let rules: (FaultRule & { left: number })[] = [];
  let struck = 0;
  const server = createServer((incoming, outgoing) => {
    const rule = rules.find((each) => each.left > 0 && each.where(incoming));
    if (!rule) return pass(incoming, outgoing, { hostname, port }, false);
    rule.left--;
    struck++;
    if (rule.fault === 'lose the answer') return pass(incoming, outgoing, { hostname, port }, true);
    if (rule.fault === 'cut the request') {
      incoming.once('data', () => incoming.destroy());
      incoming.once('end', () => incoming.destroy());
      return;
    }
    const { status, body, type = 'application/xml' } = rule.fault;
    incoming.resume().once('end', () => outgoing.writeHead(status, { 'content-type': type }).end(body));
  });
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    strike: (rule) => void rules.push({ ...rule, left: rule.times ?? 1 }),
    heal: () => void (rules = []),
    get struck() {
      return struck;
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function pass(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  { hostname, port }: { hostname: string; port: string },
  loseAnswer: boolean,
): void {
  const { method, url, headers } = incoming;
  // The headers are signed, the host among them: they go on as they are.
  const onward = forward({ hostname, port, method, path: url, headers }, (answer) => {
    if (loseAnswer) answer.resume().once('end', () => incoming.socket.destroy());
    else {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    }
  });
  onward.once('error', () => incoming.socket.destroy());
  incoming.pipe(onward);
}
