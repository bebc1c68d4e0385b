import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { answersAs } from './health.ts';

let server: Server;
afterEach(() => server.close());

const PID = 4711;
const serve = async (status: number, body: string): Promise<number> => {
  server = createServer((_, response) => response.writeHead(status).end(body)).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  return (server.address() as AddressInfo).port;
};

describe('whether a process is healthy', () => {
  it('is answered by that very process alone', async () => {
    expect(await answersAs(PID, await serve(200, JSON.stringify({ healthy: true, pid: PID })))).toBe(true);
  });

  it.each([
    ['another process that has its port', JSON.stringify({ healthy: true, pid: PID + 1 })],
    ['a process that is not ready', JSON.stringify({ healthy: false, pid: PID })],
    ['a server that is none of ours', '<html>'],
  ])('is not, by %s', async (_, body) => {
    expect(await answersAs(PID, await serve(200, body))).toBe(false);
  });
});
