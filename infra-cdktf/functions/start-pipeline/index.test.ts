import { createServer, type AddressInfo } from 'node:net';
import { beforeEach, expect, it, vi } from 'vitest';

const event = { detail: { bucket: { name: 'bronze' }, object: { key: 'landing/a/x.csv', etag: 'e' } } };

beforeEach(() => {
  vi.stubEnv('TEMPORAL_NAMESPACE', 'sluice');
  vi.stubEnv('TEMPORAL_TASK_QUEUE', 'sluice');
});

it('connects anew after a connection that failed', async () => {
  const { handler } = await import('./index.ts');
  let visits = 0;
  const server = createServer((socket) => {
    visits += 1;
    socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  vi.stubEnv('TEMPORAL_ADDRESS', `127.0.0.1:${(server.address() as AddressInfo).port}`);
  try {
    await expect(handler(event)).rejects.toThrow();
    const before = visits;
    expect(before).toBeGreaterThan(0);
    await expect(handler(event)).rejects.toThrow();
    expect(visits).toBeGreaterThan(before);
  } finally {
    server.close();
  }
});
