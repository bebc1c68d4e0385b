import { expect, it } from 'vitest';
import { servePages } from './serve-pages.ts';

it('serves on, whatever is asked for', async () => {
  let address = '';
  const file = (path: string) =>
    path === 'away/index.html'
      ? Promise.reject(new Error('away'))
      : Promise.resolve(path === 'index.html' ? Buffer.from('front') : undefined);
  const server = await servePages({ file }, 0, (at) => (address = at));
  try {
    const status = async (path: string) => (await fetch(address + path)).status;
    expect([await status('%'), await status('%E0%A4%A'), await status('no'), await status('away/')]).toEqual([
      400, 400, 404, 503,
    ]);
    expect(await (await fetch(`${address}?x=%`)).text()).toBe('front');
  } finally {
    server.close();
    server.closeAllConnections();
  }
});
