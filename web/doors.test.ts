import { describe, expect, it } from 'vitest';
import { shop } from '../connectors/ledger/postgres/fixtures.ts';
import { useLedger } from '../connectors/ledger/postgres/harness.ts';
import { Doors, mustBeGuarded, pathWithin } from './doors.ts';
import { openPages, type Pages } from './pages.fixture.ts';
import { request } from 'node:http';

const TOKEN = 'a token of these pages';
const registry = new Map([['shop', shop]]);
const own = useLedger('web_doors');

async function withPages(doors: Doors, work: (pages: Pages) => Promise<void>): Promise<void> {
  const pages = await openPages(own.ledger(), registry, { doors });
  try {
    await work(pages);
  } finally {
    await pages.serving.close();
  }
}

/** As a browser sends a form. */
function post(
  pages: Pages,
  path: string,
  fields: Record<string, string>,
  headers: Record<string, string> = {},
) {
  return pages.get(path, {
    method: 'POST',
    redirect: 'manual',
    body: new URLSearchParams(fields),
    headers: { origin: pages.serving.address, 'sec-fetch-site': 'same-origin', ...headers },
  });
}

async function signedIn(pages: Pages): Promise<string> {
  const answer = await post(pages, '/sign-in', { who: 'anna', token: TOKEN, to: '/actions' });
  expect([answer.status, answer.headers.get('location')]).toEqual([303, '/actions']);
  const cookie = answer.headers.get('set-cookie') ?? '';
  expect(cookie).toMatch(/HttpOnly/);
  expect(cookie).toMatch(/SameSite=Strict/);
  return cookie.split(';')[0] ?? '';
}

const formOf = (html: string) => /name="form" value="([^"]+)"/.exec(html)?.[1] ?? 'none';

describe('pages without a token', () => {
  it('are served on this machine alone, unless it is said that no other reaches them', () => {
    const guarded =
      (address: string, more = {}) =>
      () =>
        mustBeGuarded({ address, ...more });
    for (const address of ['127.0.0.1:8088', 'localhost:8088', '[::1]:8088', '127.1.2.3:80'])
      expect(guarded(address)).not.toThrow();
    for (const address of ['0.0.0.0:8088', '10.0.0.1:8088', '[::]:8088', '127.0.0.1.example.org:80'])
      expect(guarded(address)).toThrow('would be open to whoever reaches');
    expect(guarded('0.0.0.0:8088', { published: 'loopback' })).not.toThrow();
    expect(guarded('0.0.0.0:8088', { token: TOKEN })).not.toThrow();
  });

  it('answer to no name but that of this machine', () =>
    withPages(new Doors(undefined, 'anna'), async ({ serving }) => {
      const statusFor = (host: string) =>
        new Promise<number | undefined>((resolve, reject) => {
          request(serving.address, { headers: { host } }, (answer) => resolve(answer.resume().statusCode))
            .once('error', reject)
            .end();
        });
      expect(await statusFor('localhost:1234')).toBe(200);
      expect(await statusFor('rebound.example.org')).toBe(403);
      expect(await statusFor('127.0.0.1.example.org')).toBe(403);
    }));

  it('start nothing for other systems: nobody could be told apart', () =>
    withPages(new Doors(undefined, 'anna'), async (pages) => {
      const answer = await pages.get('/api/runs', { method: 'POST', body: '{"pipeline":"shop"}' });
      expect(answer.status).toBe(403);
      expect(await answer.text()).toContain('pages.token');
    }));
});

describe('something to do', () => {
  it('is refused to another site, an old page, a page of before a restart, and none', () =>
    withPages(new Doors(undefined, 'anna'), async (pages) => {
      const form = formOf(await pages.text('/pipelines/shop'));
      const old = `${Date.now() - 1}.${form.split('.')[1] ?? ''}`;
      const refused = [
        post(pages, '/pipelines/shop/pause', { form }, { origin: 'https://example.org' }),
        post(pages, '/pipelines/shop/pause', { form }, { origin: 'null' }),
        post(pages, '/pipelines/shop/pause', { form }, { 'sec-fetch-site': 'cross-site' }),
        pages.get('/pipelines/shop/pause', { method: 'POST', body: new URLSearchParams({ form }) }),
        post(pages, '/pipelines/shop/pause', {}),
        post(pages, '/pipelines/shop/pause', { form: 'made up' }),
        post(pages, '/pipelines/shop/pause', { form: old }),
        post(pages, '/pipelines/shop/pause', { form: await withOther() }),
      ];
      for (const answer of await Promise.all(refused)) {
        expect(answer.status).toBe(403);
        expect(await answer.text()).toContain('Nothing was done');
      }
      expect(await own.ledger().actions(undefined, 9)).toEqual([]);
    }));

  async function withOther(): Promise<string> {
    let form = '';
    await withPages(new Doors(undefined, 'anna'), async (pages) => {
      form = formOf(await pages.text('/pipelines/shop'));
    });
    return form;
  }

  it('says that Temporal is away, and does nothing by halves', () =>
    withPages(new Doors(undefined, 'anna'), async (pages) => {
      const form = formOf(await pages.text('/pipelines/shop'));
      const answer = await post(pages, '/pipelines/shop/pause', { form });
      expect(answer.status).toBe(503);
      expect(await own.ledger().actions(undefined, 9)).toEqual([]);
    }));

  it('is not asked for by looking, nor with more than a form holds', () =>
    withPages(new Doors(undefined, 'anna'), async (pages) => {
      expect((await pages.get('/pipelines/shop/pause')).status).toBe(404);
      const form = 'x'.repeat(20_000);
      expect((await post(pages, '/pipelines/shop/pause', { form })).status).toBe(400);
    }));
});

describe('pages with a token', () => {
  it('send whoever has not signed in to where it is asked for, and back', () =>
    withPages(new Doors(TOKEN, 'nobody'), async (pages) => {
      const first = await pages.get('/pipelines/shop', { redirect: 'manual' });
      expect([first.status, first.headers.get('location')]).toEqual([303, '/sign-in?to=%2Fpipelines%2Fshop']);
      for (const path of ['/events', '/runs/x']) {
        const answer = await pages.get(path, { redirect: 'manual', headers: { 'x-part': 'main' } });
        expect(answer.status).toBe(403);
      }
      const cookie = await signedIn(pages);
      const html = await (await pages.get('/', { headers: { cookie } })).text();
      expect(html).toContain('Signed in as <bdi>anna</bdi>');
    }));

  it('know no other token, no cookie that was changed, and none of before the token was', () =>
    withPages(new Doors(TOKEN, 'nobody'), async (pages) => {
      expect((await post(pages, '/sign-in', { who: 'anna', token: 'another token, as long' })).status).toBe(
        403,
      );
      const cookie = await signedIn(pages);
      const status = async (changed: string) =>
        (await pages.get('/', { redirect: 'manual', headers: { cookie: changed } })).status;
      expect(await status(cookie)).toBe(200);
      const [name = '', until = '', signature = ''] = cookie.split('=')[1]?.split('.') ?? [];
      const boss = Buffer.from('boss').toString('base64url');
      expect(await status(`sluice=${boss}.${until}.${signature}`)).toBe(303);
      expect(await status(`sluice=${name}.${Number(until) + 1}.${signature}`)).toBe(303);
      await withPages(new Doors(`${TOKEN}, a new one`, 'nobody'), async (others) => {
        expect((await others.get('/', { redirect: 'manual', headers: { cookie } })).status).toBe(303);
      });
    }));

  it('stop listening to guesses', () =>
    withPages(new Doors(TOKEN, 'nobody'), async (pages) => {
      const guess = () => post(pages, '/sign-in', { who: 'x', token: 'guess' });
      for (let n = 0; n < 10; n += 1) expect((await guess()).status).toBe(403);
      expect((await guess()).status).toBe(503);
      expect((await post(pages, '/sign-in', { who: 'x', token: TOKEN })).status).toBe(503);
    }));

  it('lead nowhere else', () => {
    for (const to of ['https://example.org', '//example.org', '/\\example.org', 'javascript:1', undefined])
      expect(pathWithin(to)).toBe('/');
    expect(pathWithin('/runs/x?y=1')).toBe('/runs/x?y=1');
  });

  it('are not an open door for other systems', () =>
    withPages(new Doors(TOKEN, 'nobody'), async (pages) => {
      const start = (body: string, authorization = `Bearer ${TOKEN}`) =>
        pages.get('/api/runs', { method: 'POST', body, headers: { authorization } });
      expect((await start('{}', 'Bearer wrong')).status).toBe(403);
      expect((await start('{}', '')).status).toBe(403);
      expect((await start('no json')).status).toBe(400);
      expect((await start('{"pipeline":"shpo","interval":"2024-03-01"}')).status).toBe(404);
      expect((await start('{"pipeline":"shop","interval":"yesterday","colour":1}')).status).toBe(400);
    }));
});
