import type { Hono } from 'hono';
import type { Pages } from '../../connectors/pages/port.ts';
import { contentTypeOf, isImmutable } from '../../core/dashboards/served.ts';
import { NotFound } from '../errors.ts';
import { show, type Making } from '../show.tsx';
import { DashboardsPage, readFront } from './page.tsx';

/** The list of dashboards, and the pages as they were published. */
export function addDashboards(app: Hono, making: Making, pages: Pages | undefined): void {
  app.get('/dashboards', async (c) => {
    const main = <DashboardsPage lines={await readFront(pages)} />;
    return show(c, making, { section: 'Dashboards', title: 'Dashboards', main });
  });
  app.get('/dashboards/index.html', (c) => c.redirect('/dashboards', 303));
  app.get('/dashboards/*', async (c) => {
    const path = c.req.path.slice('/dashboards/'.length);
    if (/^[a-z0-9-]+\/?$/.test(path))
      return c.redirect(`/dashboards/${path.replace('/', '')}/index.html${new URL(c.req.url).search}`, 303);
    const bytes = await pages?.file(path);
    if (!bytes) throw new NotFound('There is no such page of a dashboard.');
    return c.body(new Uint8Array(bytes), 200, {
      'content-type': contentTypeOf(path),
      'cache-control': isImmutable(path) ? 'private, max-age=31536000, immutable' : 'no-cache',
    });
  });
}
