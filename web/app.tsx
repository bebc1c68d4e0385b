import { Hono, type Context } from 'hono';
import { streamSSE } from 'hono/streaming';
import { raw } from 'hono/html';
import type { Child } from 'hono/jsx';
import type { Logger } from 'pino';
import type { Registry } from '../core/registry.ts';
import type { Session } from '../operations/session.ts';
import { ICON, type Assets } from './assets.ts';
import { Changes } from './changes.ts';
import { Crowded, NotFound, refusalOf } from './errors.ts';
import { Gate } from './gate.ts';
import { Page, type Place } from './layout.tsx';
import { overviewData } from './overview/data.ts';
import { OverviewPage } from './overview/page.tsx';
import { Schedules } from './schedules.ts';
import { Text } from './marks.tsx';

export interface AppOptions {
  readonly session: Session;
  readonly registry: Registry;
  readonly assets: Assets;
  readonly log: Pick<Logger, 'error'>;
  /** Who acts, where nobody signs in. */
  readonly actor: string;
}

/** Nothing from elsewhere, nothing inside of another site, no script but ours. */
const HEADERS = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
} as const;

const AT_ONCE = 8; // pages that are made at the same time: as many as the ledger has connections
const WAITING = 200;
const MOST_LISTENERS = 200;
const ALIVE_MS = 20_000;

export interface App {
  readonly fetch: Hono['fetch'];
  close(): void;
}

/** Every page, and what answers beside them. */
export function createApp({ session, registry, assets, log, actor }: AppOptions): App {
  const { ledger, profile, temporal } = session;
  const app = new Hono();
  const gate = new Gate(AT_ONCE, WAITING);
  const schedules = new Schedules(temporal);
  const changes = new Changes(() => ledger.stamp([...registry.keys()]));

  const place = (section: Place['section']): Place => ({
    assets,
    section,
    temporalUi: profile.temporal.ui && `${profile.temporal.ui}/namespaces/${profile.temporal.namespace}`,
    actor,
  });

  /** A page, or its main part for a page that is open already. */
  const show = (
    c: Context,
    section: Place['section'],
    title: string,
    main: Child,
    status: 200 | 400 | 403 | 404 | 409 | 500 | 503 = 200,
  ) => {
    c.header('cache-control', 'no-store');
    if (c.req.header('x-part') === 'main') {
      c.header('x-part', 'main');
      return c.html(<>{main}</>, status);
    }
    const page = (
      <Page title={title} place={place(section)}>
        {main}
      </Page>
    );
    return c.html(
      <>
        {raw('<!doctype html>')}
        {page}
      </>,
      status,
    );
  };

  app.use(async (c, next) => {
    await next();
    for (const [name, value] of Object.entries(HEADERS)) c.header(name, value);
  });

  app.get('/healthz', (c) => c.json({ healthy: true, pid: process.pid }));
  app.get('/icon.svg', (c) =>
    c.body(ICON, 200, { 'content-type': 'image/svg+xml', 'cache-control': 'max-age=86400' }),
  );
  app.get('/assets/:name', (c) => {
    const file = assets.files.get(c.req.path);
    if (!file) throw new NotFound(`There is no file ${c.req.path}.`);
    return c.body(file.body, 200, {
      'content-type': file.type,
      'cache-control': 'public, max-age=31536000, immutable',
    });
  });

  app.get('/events', (c) => {
    if (changes.listeners >= MOST_LISTENERS) throw new Crowded('Too many pages are open at once.');
    return streamSSE(c, async (stream) => {
      let told = () => {};
      const ended = new Promise<void>((resolve) => stream.onAbort(resolve));
      const unlisten = changes.listen(() => told());
      try {
        await stream.writeSSE({ event: 'hello', data: '' });
        while (!stream.aborted) {
          let timer: NodeJS.Timeout | undefined;
          const event = await Promise.race([
            new Promise<'change'>((resolve) => (told = () => resolve('change'))),
            new Promise<'alive'>((resolve) => (timer = setTimeout(() => resolve('alive'), ALIVE_MS))),
            ended,
          ]);
          clearTimeout(timer);
          if (event) await stream.writeSSE({ event, data: '' });
        }
      } finally {
        unlisten();
      }
    });
  });

  app.get('/', (c) =>
    gate.pass(async () => {
      const now = new Date();
      const data = await overviewData(ledger, registry, schedules, now);
      return show(c, 'Pipelines', 'Pipelines', <OverviewPage data={data} now={now} />);
    }),
  );

  app.notFound(() => {
    throw new NotFound('There is no such page.');
  });
  app.onError((error, c) => {
    const { status, title, message, unforeseen } = refusalOf(error);
    if (unforeseen) log.error({ err: error, path: c.req.path }, 'a page failed');
    if (status === 503) c.header('retry-after', '2');
    return show(
      c,
      null,
      title,
      <>
        <h1>{title}</h1>
        <p class="notice">
          <Text>{message}</Text>
        </p>
        {status === 503 && <p class="quiet">This page comes by itself once it can be had.</p>}
        <p>
          <a href="/">All pipelines</a>
        </p>
      </>,
      status,
    );
  });

  return { fetch: app.fetch, close: () => changes.close() };
}
