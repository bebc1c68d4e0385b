import type { Hono } from 'hono';
import type { Dashboard } from '../../core/dashboards/resolve.ts';
import { find, traceOf } from '../../core/lineage/trace.ts';
import { lineageNow } from '../../operations/lineage.ts';
import { named, show, type Making } from '../show.tsx';
import { LineagePage } from './page.tsx';
import { TracePage } from './trace.tsx';

/** What is made of what: of a whole pipeline, or around one of its tables, columns or panels. */
export function addLineage(app: Hono, making: Making, dashboards: ReadonlyMap<string, Dashboard>): void {
  const { session, registry, gate } = making;
  app.get('/pipelines/:name/lineage', (c) =>
    gate.pass(async () => {
      const known = await lineageNow(session.ledger, registry, dashboards, named(c, 'name'));
      const of = c.req.query('of');
      const title = `Lineage of ${known.lineage.pipeline}`;
      const main =
        of === undefined ? (
          <LineagePage known={known} now={new Date()} />
        ) : (
          <TracePage
            trace={traceOf(known.lineage, find(known.lineage, of))}
            pipeline={known.lineage.pipeline}
          />
        );
      return show(c, making, { section: 'Pipelines', title, main });
    }),
  );
}
