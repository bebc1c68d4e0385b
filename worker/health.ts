import { createServer, type Server } from 'node:http';

/** Answers `/healthz` with 200 while `isHealthy`, else with 503, and says which process it is. @throws where the port is taken */
export async function serveHealth(address: string, isHealthy: () => boolean): Promise<Server> {
  const [host = '', port = ''] = address.split(':');
  const server = createServer((request, response) => {
    const known = request.url === '/healthz';
    const healthy = isHealthy();
    response.writeHead(known ? (healthy ? 200 : 503) : 404, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ healthy, pid: process.pid }));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(Number(port), host, resolve);
  });
  return server;
}
