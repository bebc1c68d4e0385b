import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';
import { ServiceError } from './service-error.ts';

/** What a service does, by `<service>.<operation>` as in the header `X-Amz-Target`. */
export type Answers = Readonly<Record<string, (input: unknown) => unknown>>;

/** Answers the AWS JSON 1.1 protocol; `GET /_calls` counts operations so far. https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html */
export async function startJsonService(
  answers: Answers,
  {
    host = '127.0.0.1',
    port = 0,
  }: { readonly host?: string | undefined; readonly port?: number | undefined },
): Promise<{ readonly endpoint: string; stop(): Promise<void> }> {
  const calls = new Map<string, number>();
  const server = createServer((request, response) => {
    if (request.url === '/_calls') return void response.end(JSON.stringify(Object.fromEntries(calls)));
    const [, operation = ''] = String(request.headers['x-amz-target']).split('.');
    calls.set(operation, (calls.get(operation) ?? 0) + 1);
    void answer(request, response, answers);
  });
  server.listen(port, host);
  await new Promise((resolve) => server.once('listening', resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function answer(request: IncomingMessage, response: ServerResponse, answers: Answers): Promise<void> {
  const send = (status: number, body: unknown) => {
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' });
    response.end(JSON.stringify(body));
  };
  try {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const target = String(request.headers['x-amz-target']);
    const operation = answers[target];
    if (!operation) throw new ServiceError('UnknownOperationException', `${target} is not answered here`);
    send(200, await operation(JSON.parse(Buffer.concat(chunks).toString('utf8') || '{}')));
  } catch (error) {
    if (error instanceof ServiceError)
      send(error.status, { __type: error.code, message: error.message, ...error.members });
    else if (error instanceof z.ZodError) {
      send(400, { __type: 'InvalidInputException', message: z.prettifyError(error) });
    } else send(500, { __type: 'InternalServiceException', message: String(error) });
  }
}
