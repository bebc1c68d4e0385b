import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { pipelineSchedule } from '../../cli/wanted-schedules.ts';
import { pipelineNamed } from '../../core/run-request.ts';
import { definePipeline } from '../../core/pipeline.ts';
import { Doors } from '../../web/doors.ts';
import { openPages, type Pages } from '../../web/pages.fixture.ts';
import { eventually } from '../faults/wait.ts';
import { openTaskLab, type TaskLab } from './task-lab.ts';

const TOKEN = 'a token of these pages';
const asking = definePipeline({
  name: 'asking',
  description: 'Prices, when somebody says yes',
  schedule: { cron: '0 0 * * *', timezone: 'UTC' },
  start: '2024-03-01',
  source: 'shop',
  tables: { prices: { domain: 'asking', from: 'shop.prices', extract: { mode: 'snapshot' } } },
  tasks: { release: { approve: 'Release the prices to the shops', before: ['extract'] } },
});

let lab: TaskLab;
let pages: Pages;
let cookie: string;
beforeAll(async () => {
  lab = await openTaskLab([asking]);
  const doors = new Doors(TOKEN, 'nobody');
  pages = await openPages(lab.session.ledger, lab.registry, { session: lab.session, doors });
  const answer = await send('/sign-in', { who: 'anna', token: TOKEN });
  cookie = answer.headers.get('set-cookie')?.split(';')[0] ?? '';
});
afterAll(async () => {
  await pages.serving.close();
  await lab.close();
});

function send(path: string, fields: Record<string, string>): Promise<Response> {
  return pages.get(path, {
    method: 'POST',
    redirect: 'manual',
    body: new URLSearchParams(fields),
    headers: { origin: pages.serving.address, cookie },
  });
}

const look = async (path: string) => (await pages.get(path, { headers: { cookie } })).text();
const formOf = (html: string) => /name="form" value="([^"]+)"/.exec(html)?.[1] ?? 'none';
const runOf = async (interval: string, outcome: string) =>
  eventually(`a run over ${interval} that is ${outcome}`, async () => {
    const runs = await lab.session.ledger.runs({ pipeline: 'asking', limit: 20 });
    return runs.find((run) => run.interval.start.startsWith(interval) && run.outcome === outcome);
  });
const untilAsked = (id: string) =>
  eventually(`a question on the page of ${id}`, async () => {
    const html = await look(`/runs/${encodeURIComponent(id)}`);
    return html.includes('Release the prices to the shops') && html.includes('value="approve"') && html;
  });
const start = (interval: string, more = {}) =>
  pages.get('/api/runs', {
    method: 'POST',
    body: JSON.stringify({ pipeline: 'asking', interval, ...more }),
    headers: { authorization: `Bearer ${TOKEN}` },
  });

describe('the pages, on a stack that works', { timeout: 300_000 }, () => {
  it('start for other systems what they ask for, once however often they ask', async () => {
    const first = await start('2024-03-02');
    expect(first.status).toBe(201);
    const { workflowId } = (await first.json()) as { workflowId: string };
    expect(await (await start('2024-03-02')).json()).toMatchObject({ workflowId, state: 'is being done' });
    expect((await start('2024-03-02', { params: { x: '1' } })).status).toBe(409);

    const html = await untilAsked(workflowId);
    const answered = await send(`/runs/${encodeURIComponent(workflowId)}/answer`, {
      form: formOf(html),
      step: 'release',
      verdict: 'approve',
      reason: 'numbers look right',
    });
    expect(answered.status).toBe(303);
    await runOf('2024-03-02', 'succeeded');
    expect(await (await start('2024-03-02')).json()).toMatchObject({ workflowId, state: 'was done before' });
    expect((await start('2024-03-02', { again: true })).status).toBe(201);
    const [newest, ...rest] = await lab.session.ledger.actions('asking', 10);
    expect(newest).toMatchObject({ actor: 'api', action: 'run', subject: workflowId });
    expect(rest).toMatchObject([
      { actor: 'anna', action: 'approve', subject: `${workflowId} release`, reason: 'numbers look right' },
      { actor: 'api', action: 'run', subject: workflowId },
    ]);
  });

  it('cancel a run, and run it again, as the command line does', async () => {
    const { workflowId } = (await (await start('2024-03-03')).json()) as { workflowId: string };
    const at = `/runs/${encodeURIComponent(workflowId)}`;
    expect((await send(`${at}/cancel`, { form: formOf(await untilAsked(workflowId)) })).status).toBe(303);
    await runOf('2024-03-03', 'cancelled');
    const again = await send(`${at}/rerun`, { form: formOf(await look(at)), from: '' });
    expect([again.status, decodeURIComponent(again.headers.get('location') ?? '')]).toEqual([
      303,
      `/runs/${workflowId}`,
    ]);
    const run = await runOf('2024-03-03', 'running');
    expect(run.input).toMatchObject({ kind: 'rerun', interval: '2024-03-03T00:00:00Z/2024-03-04T00:00:00Z' });
    const actions = await lab.session.ledger.actions('asking', 2);
    expect(actions.map(({ actor, action }) => `${actor} ${action}`)).toEqual(['anna rerun', 'anna cancel']);
    const html = await untilAsked(workflowId);
    await send(`${at}/answer`, { form: formOf(html), step: 'release', verdict: 'reject', reason: 'too low' });
    expect((await runOf('2024-03-03', 'failed')).error).toContain('too low');
  });

  it('leave a step out that is under way, with a reason', async () => {
    const { workflowId } = (await (await start('2024-03-04')).json()) as { workflowId: string };
    const at = `/runs/${encodeURIComponent(workflowId)}`;
    const html = await untilAsked(workflowId);
    expect(html).toContain(`action="${at}/skip"`);
    const form = formOf(html);
    expect((await send(`${at}/skip`, { form, step: 'release', reason: ' ' })).status).toBe(400);
    expect((await send(`${at}/skip`, { form, step: 'release', reason: 'not needed' })).status).toBe(303);
    const run = await runOf('2024-03-04', 'succeeded');
    const steps = await lab.session.ledger.steps([run.runId]);
    expect(steps.find(({ table }) => table === 'release')).toMatchObject({
      outcome: 'skipped',
      error: 'skipped by anna: not needed',
    });
    const [action] = await lab.session.ledger.actions('asking', 1);
    expect(action).toMatchObject({ actor: 'anna', action: 'skip', reason: 'not needed' });
  });

  it('show what a backfill would do, and start nothing before that is confirmed', async () => {
    const form = formOf(await look('/pipelines/asking'));
    const asked = { from: '2024-03-05', to: '2024-03-07', reprocess: 'missing', concurrency: '2' };
    const plan = await (await send('/pipelines/asking/backfill', { form, ...asked })).text();
    expect(plan).toContain('sluice backfill asking --from 2024-03-05 --to 2024-03-07');
    expect(await lab.session.ledger.backfills({ pipeline: 'asking' })).toEqual([]);
    const started = await send('/pipelines/asking/backfill', { form: formOf(plan), ...asked, sure: 'yes' });
    expect([started.status, started.headers.get('location')]).toEqual([303, '/backfills']);
    const backfill = await eventually('the backfill in the ledger', async () => {
      const all = await lab.session.ledger.backfills({ pipeline: 'asking' });
      return all[0];
    });
    const id = backfill.backfillId;
    expect(await look(`/backfills/${id}`)).toContain('action="/backfills/');
    expect((await send(`/backfills/${id}/concurrency`, { form, runs: 'many' })).status).toBe(400);
    expect((await send(`/backfills/${id}/concurrency`, { form, runs: '1' })).status).toBe(303);
    const [set] = await lab.session.ledger.actions('asking', 1);
    expect(set).toMatchObject({ actor: 'anna', action: 'concurrency', subject: id });
    expect((await send(`/backfills/${id}/cancel`, { form })).status).toBe(303);
    await eventually(
      'its end',
      async () => (await lab.session.ledger.backfills({ id }))[0]?.outcome === 'cancelled',
    );
  });

  it('offer no pause where Temporal has no schedule, and say why', async () => {
    const html = await eventually('what Temporal has', async () => {
      const html = await look('/pipelines/asking');
      return html.includes('Temporal has no schedule of it') && html;
    });
    expect(html).not.toMatch(/action="\/pipelines\/asking\/(pause|resume)"/);
    expect(html).toContain('action="/pipelines/asking/backfill"');
    const overview = await look('/');
    expect(overview).toContain('not deployed');
    expect(overview).not.toMatch(/<time[^>]*>in /);
  });

  it('pause the schedule of a pipeline, and let it go on', async () => {
    const { temporal, ledger } = lab.session;
    const options = pipelineSchedule(pipelineNamed(lab.registry, 'asking'), 'nobody');
    if (!options) throw new Error('It has no schedule.');
    const schedule = await temporal.schedule.create(options);
    onTestFinished(() => schedule.delete());
    const isPaused = async () => (await schedule.describe()).state.paused;
    const offers = (what: string, not: string) =>
      eventually(`an offer to ${what}`, async () => {
        const html = await look('/pipelines/asking');
        const has = (verb: string) => html.includes(`action="/pipelines/asking/${verb}"`);
        return has(what) && !has(not) && html;
      });

    const paused = await send('/pipelines/asking/pause', { form: formOf(await offers('pause', 'resume')) });
    expect([paused.status, paused.headers.get('location')]).toEqual([303, '/pipelines/asking']);
    expect(await isPaused()).toBe(true);
    const form = formOf(await offers('resume', 'pause'));
    expect(await look('/')).toContain('paused');
    expect((await send('/pipelines/asking/resume', { form })).status).toBe(303);
    expect(await isPaused()).toBe(false);
    await offers('pause', 'resume');
    expect(await look('/')).not.toContain('paused');
    expect(await ledger.actions('asking', 2)).toMatchObject([
      { actor: 'anna', action: 'resume', subject: 'asking' },
      { actor: 'anna', action: 'pause', subject: 'asking' },
    ]);
  });

  it('say what cannot be done, and why', async () => {
    const form = formOf(await look('/pipelines/asking'));
    const wrong = { form, from: '2024-03-05', to: '2024-03-01' };
    expect((await send('/pipelines/asking/backfill', wrong)).status).toBe(400);
    const ended = await send('/runs/nothing/cancel', { form });
    expect([ended.status, await ended.text()]).toEqual([
      409,
      expect.stringContaining('Temporal does not know nothing'),
    ]);
    expect((await send('/runs/nothing/rerun', { form })).status).toBe(409);
    // The lab has made no schedule.
    expect((await send('/pipelines/asking/pause', { form })).status).toBe(409);
  });
});
