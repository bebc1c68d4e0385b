import { Hono } from 'hono';
import { streamSSE } from 'hono/streaming';
import type { Logger } from 'pino';
import type { Pages } from '../connectors/pages/port.ts';
import type { Dashboard } from '../core/dashboards/resolve.ts';
import type { Registry } from '../core/registry.ts';
import type { Session } from '../operations/session.ts';
import { addActions } from './actions/routes.tsx';
import { addApi } from './api.ts';
import { ICON, type Assets } from './assets.ts';
import { Changes } from './changes.ts';
import { addDashboards } from './dashboards/routes.tsx';
import { Crowded, NotFound, refusalOf } from './errors.ts';
import type { Doors } from './doors.ts';
import { Gate } from './gate.ts';
import { Text } from './marks.tsx';
import { addLineage } from './lineage/routes.tsx';
import { addPages } from './pages.tsx';
import { Schedules } from './schedules.ts';
import { addSignIn } from './sign-in.tsx';
import { compressed, show, type Making } from './show.tsx';

export interface AppOptions {
  readonly session: Session;
  readonly registry: Registry;
  readonly assets: Assets;
  /** As they are defined; their panels are the end of lineages. */
  readonly dashboards?: ReadonlyMap<string, Dashboard>;
  /** Where dashboards are published; absent: nowhere. */
  readonly pages?: Pages | undefined;
  readonly log: Pick<Logger, 'error'>;
  /** Who may look and act, and as whom. */
  readonly doors: Doors;
}

/** Nothing from elsewhere, nothing inside of another site, no script but ours. */
const HEADERS = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
} as const;

const AT_ONCE = 6; // pages that are made at the same time; the ledger has connections for two more
const WAITING = 200;
const MOST_LISTENERS = 200;
const ALIVE_MS = 20_000;

export interface App {
  readonly fetch: Hono['fetch'];
  close(): void;
}

/** Every page, and what answers beside them. */
export function createApp({
  session,
  registry,
  assets,
  dashboards = new Map(),
  pages,
  log,
  doors,
}: AppOptions): App {
  const app = new Hono();
  const making: Making = {
    session,
    registry,
    assets,
    schedules: new Schedules(session.temporal),
    gate: new Gate(AT_ONCE, WAITING),
    doors,
  };
  const changes = new Changes(() => session.ledger.stamp([...registry.keys()]));

  app.use(async (c, next) => {
    await next();
    for (const [name, value] of Object.entries(HEADERS)) c.header(name, value);
  });
  app.use(compressed);
  app.use(doors.guard);
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
  addEvents(app, changes);
  addPages(app, making);
  addLineage(app, making, dashboards);
  addDashboards(app, making, pages);
  addActions(app, making);
  addSignIn(app, making);
  addApi(app, making);

  app.notFound(() => {
    throw new NotFound('There is no such page.');
  });
  app.onError((error, c) => {
    const { status, title, message, unforeseen } = refusalOf(error);
    if (unforeseen) log.error({ err: error, path: c.req.path }, 'a page failed');
    if (status === 503) c.header('retry-after', '2');
    const main = (
      <>
        <h1>{title}</h1>
        <p class="notice">
          <Text>{message}</Text>
        </p>
        {status === 503 && <p class="quiet">This page comes by itself once it can be had.</p>}
        <p>
          <a href="/">All pipelines</a>
        </p>
      </>
    );
    return show(c, making, { section: null, title, main, status });
  });

  return { fetch: app.fetch, close: () => changes.close() };
}

/** Tells that something has changed, not what: whoever shows it asks again. */
function addEvents(app: Hono, changes: Changes): void {
  app.get('/events', (c) => {
    if (changes.listeners >= MOST_LISTENERS) throw new Crowded('Too many pages are open at once.');
    return streamSSE(c, async (stream) => {
      let told = () => {};
      const ended = new Promise<undefined>((resolve) => stream.onAbort(() => resolve(undefined)));
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
}
