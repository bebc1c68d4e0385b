import type { Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { backfillInput, parseInput } from '../../core/run-input.ts';
import { InvalidInput } from '../../core/errors.ts';
import { answer } from '../../operations/answer.ts';
import { dryRun, startBackfill } from '../../operations/backfill.ts';
import { cancel, pauseOrResume, setConcurrency } from '../../operations/control.ts';
import { rerun } from '../../operations/rerun.ts';
import { skip } from '../../operations/skip.ts';
import { PlanPage } from '../backfills/plan.tsx';
import { paths } from '../paths.ts';
import { named, show, type Making } from '../show.tsx';

const LARGEST = 16_384; // bytes of a form
const PATIENCE_MS = 15_000;

type Form = Readonly<Record<string, string>>;

/** Everything that can be done from a page: each is what the command line does, and is written down as its doing. */
export function addActions(app: Hono, making: Making): void {
  const { session, registry, schedules, doors } = making;
  const act = (path: string, work: (c: Context, form: Form, by: string) => Promise<string | Response>) =>
    app.post(
      path,
      bodyLimit({
        maxSize: LARGEST,
        onError: () => {
          throw new InvalidInput('The form', [`it has more than ${LARGEST} bytes.`]);
        },
      }),
      async (c) => {
        const form = await textsOf(c);
        doors.mustBeOurs(c, form['form']);
        const done = await session.temporal.withDeadline(Date.now() + PATIENCE_MS, () =>
          work(c, form, doors.actorOf(c)),
        );
        schedules.forget();
        return typeof done === 'string' ? c.redirect(done, 303) : done;
      },
    );

  act('/runs/:id/rerun', async (c, form, by) => {
    const from = form['from'] ?? '';
    const options =
      from === 'all' ? { all: true } : from === '' ? {} : { fromStep: from.replace(/^step:/, '') };
    const { workflowId } = await rerun(session, registry, named(c, 'id'), options, by);
    return paths.run(workflowId);
  });

  act('/runs/:id/cancel', async (c, _, by) => {
    await cancel(session, registry, named(c, 'id'), by);
    return paths.run(named(c, 'id'));
  });

  act('/runs/:id/answer', async (c, form, by) => {
    const { step = '', reason = '', verdict } = form;
    if (verdict !== 'approve' && verdict !== 'reject')
      throw new InvalidInput('The answer', ["verdict: it is 'approve' or 'reject'."]);
    const given = { step, by, ...(reason.trim() ? { reason: reason.trim() } : {}) };
    const { workflowId } = await answer(session, named(c, 'id'), given, verdict);
    return paths.run(workflowId);
  });

  act('/runs/:id/skip', async (c, form, by) => {
    const { step = '', reason = '' } = form;
    if (!step || !reason.trim())
      throw new InvalidInput('The form', ['it names the step that is left out, and says why.']);
    const { workflowId } = await skip(session, named(c, 'id'), { step, by, reason: reason.trim() });
    return paths.run(workflowId);
  });

  for (const verb of ['pause', 'resume'] as const) {
    act(`/pipelines/:id/${verb}`, async (c, _, by) => {
      await pauseOrResume(session, registry, verb, named(c, 'id'), by);
      return paths.pipeline(named(c, 'id'));
    });
    act(`/backfills/:id/${verb}`, async (c, _, by) => {
      await pauseOrResume(session, registry, verb, named(c, 'id'), by);
      return paths.backfill(named(c, 'id'));
    });
  }

  act('/backfills/:id/concurrency', async (c, { runs = '' }, by) => {
    if (!/^[1-9]\d{0,3}$/.test(runs))
      throw new InvalidInput('The form', ['runs: it is a whole number from 1.']);
    await setConcurrency(session, named(c, 'id'), Number(runs), by);
    return paths.backfill(named(c, 'id'));
  });

  act('/backfills/:id/cancel', async (c, _, by) => {
    await cancel(session, registry, named(c, 'id'), by);
    return paths.backfill(named(c, 'id'));
  });

  // The first time it says what would be done; what is started is what was shown.
  act('/pipelines/:id/backfill', async (c, form, by) => {
    const pipeline = named(c, 'id');
    const { from = '', to = '', reprocess = 'missing', concurrency = '2', sure } = form;
    const asked = { pipeline, from, to, reprocess, concurrency: Number(concurrency) };
    const request = parseInput(backfillInput, asked, 'The backfill');
    const said: string[] = [];
    const plan = await dryRun(session, registry, request, (what) => said.push(what));
    if (sure === 'yes' && (plan.total > 0 || plan.finish)) {
      await startBackfill(session, request, plan.range, by);
      return paths.backfills();
    }
    const main = <PlanPage plan={plan} notes={said} form={form} acting={{ form: doors.formToken(c) }} />;
    return show(c, making, { section: 'Backfills', title: `Backfill of ${pipeline}`, main, live: false });
  });
}

/** Fields of a form; the last of several of one name. */
async function textsOf(c: Context): Promise<Form> {
  const body = await c.req.parseBody();
  return Object.fromEntries(
    Object.entries(body).flatMap(([name, value]) =>
      typeof value === 'string' && !value.includes('\0') ? [[name, value] as const] : [],
    ),
  );
}
