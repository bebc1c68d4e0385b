import type { Context, Hono } from 'hono';
import { InvalidInput } from '../core/errors.ts';
import { parseInstant } from '../core/interval.ts';
import { STEPS, type Step } from '../core/run.ts';
import { noticesNow } from '../operations/notices.ts';
import { poolsNow } from '../operations/pools.ts';
import type { BackfillProgress } from '../workflows/backfill/control.ts';
import { ActionsPage } from './actions/page.tsx';
import { BackfillPage, BackfillsPage } from './backfills/page.tsx';
import { NotFound } from './errors.ts';
import { gridData, type GridAsked } from './grid/data.ts';
import { GridPage } from './grid/page.tsx';
import { NoticesPage } from './notices/page.tsx';
import { overviewData } from './overview/data.ts';
import { OverviewPage } from './overview/page.tsx';
import { PoolsPage } from './pools/page.tsx';
import { logData, runData } from './run/data.ts';
import { LogPage } from './run/log.tsx';
import { RunPage } from './run/page.tsx';
import { named, show, temporalUi, type Making, type Shown } from './show.tsx';

const MOST_ACTIONS = 200;
const MOST_FAILURES = 50;
const PATIENCE_MS = 2_000; // for a workflow to say how far it is

/** Every page that is looked at. */
export function addPages(app: Hono, making: Making): void {
  const { session, registry, schedules, gate, doors } = making;
  const actingOf = (c: Context) => ({ form: doors.formToken(c) });
  const { ledger, profile, temporal } = session;
  const page = (path: string, make: (c: Context, now: Date) => Promise<Shown>) =>
    app.get(path, (c) => gate.pass(async () => show(c, making, await make(c, new Date()))));

  page('/', async (_, now) => {
    const data = await overviewData(ledger, registry, schedules, now);
    return { section: 'Pipelines', title: 'Pipelines', main: <OverviewPage data={data} now={now} /> };
  });

  page('/pipelines/:name', async (c, now) => {
    const name = named(c, 'name');
    const [data, pauses] = await Promise.all([
      gridData(ledger, registry, name, askedOf(c), now),
      schedules.pauses(),
    ]);
    const standing = pauses && (pauses.get(name) ?? 'not there');
    return {
      section: 'Pipelines',
      title: name,
      main: <GridPage data={data} standing={standing} now={now} acting={actingOf(c)} />,
    };
  });

  page('/runs/:id', async (c, now) => {
    const data = await runData(ledger, named(c, 'id'), now);
    const acting = registry.has(data.run.pipeline) ? actingOf(c) : undefined;
    const main = <RunPage data={data} now={now} temporalUi={temporalUi(profile)} acting={acting} />;
    return { section: 'Pipelines', title: data.run.workflowId, main };
  });

  page('/runs/:id/log', async (c, now) => {
    const data = await logData(ledger, named(c, 'id'), c.req.query('step') ?? '');
    const title = `${data.key} of ${data.run.workflowId}`;
    return { section: 'Pipelines', title, main: <LogPage data={data} now={now} /> };
  });

  page('/backfills', async (_, now) => {
    const main = <BackfillsPage backfills={await ledger.backfills()} now={now} />;
    return { section: 'Backfills', title: 'Backfills', main };
  });

  page('/backfills/:id', async (c, now) => {
    const id = named(c, 'id');
    const [backfill] = await ledger.backfills({ id });
    if (!backfill) throw new NotFound(`There is no backfill '${id}'.`);
    const ask = () =>
      temporal.withDeadline(Date.now() + PATIENCE_MS, () =>
        temporal.workflow.getHandle(id).query<BackfillProgress>('progress'),
      );
    const [failures, progress] = await Promise.all([
      ledger.failedIntervals(id, MOST_FAILURES),
      backfill.outcome === 'running' ? ask().catch(() => undefined) : undefined,
    ]);
    const main = (
      <BackfillPage
        backfill={backfill}
        failures={failures}
        progress={progress}
        now={now}
        acting={actingOf(c)}
      />
    );
    return { section: 'Backfills', title: id, main };
  });

  page('/notices', async (_, now) => {
    const main = <NoticesPage notices={await noticesNow(ledger, profile)} now={now} />;
    return { section: 'Notices', title: 'Notices', main };
  });

  page('/pools', async (_, now) => {
    const main = <PoolsPage pools={await poolsNow(ledger, profile)} now={now} />;
    return { section: 'Pools', title: 'Pools', main };
  });

  page('/actions', async (_, now) => {
    const main = <ActionsPage actions={await ledger.actions(undefined, MOST_ACTIONS)} now={now} />;
    return { section: 'Actions', title: 'Actions', main };
  });
}

/** @throws {InvalidInput} naming what cannot be asked */
function askedOf(c: Context): GridAsked {
  const before = c.req.query('before');
  const expanded = c.req.query('expand');
  const isStep = (text: string): text is Step => STEPS.some((step) => step === text);
  if (expanded !== undefined && !isStep(expanded))
    throw new InvalidInput('The address', [`expand: there are ${STEPS.join(', ')}.`]);
  return { before: before === undefined ? undefined : parseInstant(before), expanded };
}
