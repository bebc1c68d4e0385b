import { expect, it } from 'vitest';
import { aRun, march, shop } from '../connectors/ledger/postgres/fixtures.ts';
import { useLedger } from '../connectors/ledger/postgres/harness.ts';
import type { DataInterval } from '../core/interval.ts';
import { planOf } from '../core/plan.ts';
import { resolvePipeline } from '../core/resolve.ts';
import type { Step } from '../core/run.ts';
import { runToPublish } from '../operations/run-to-publish.ts';
import { earlierResults } from './earlier-results.ts';

const own = useLedger('earlier');
const plan = planOf({
  ...shop,
  tables: shop.tables.filter(({ name }) => name === 'orders'),
  transform: { dbt: { select: 'tag:shop' } },
  dashboards: ['shop-sales'],
});
const STEPS = ['extract:orders', 'load:orders', 'transform', 'check', 'publish'];

/** A run whose steps succeed up to one that does not. */
async function run(
  id: string,
  interval: DataInterval,
  { broken, outcome = 'failed' }: { broken?: string; outcome?: 'failed' | 'cancelled' } = {},
  done: readonly string[] = STEPS,
): Promise<void> {
  const ledger = own.ledger();
  await ledger.openRun(aRun(id, interval));
  for (const key of done) {
    const [step, table = null] = key.split(':') as [Step, string?];
    await ledger.startStep(id, step, table, 1);
    const end = key === broken ? { error: 'no', outcome } : { result: { of: id }, rows: null, bytes: null };
    await ledger.finishStep(id, step, table, 1, end);
    if (key === broken) break;
  }
  await ledger.closeRun(id, broken ? outcome : 'succeeded', broken ? 'no' : null);
}
const from = (fromStep: string, interval = march(1)) =>
  earlierResults(own.ledger(), { pipeline: 'shop', interval }, plan, { fromStep });
const resumed = (resume: string) =>
  earlierResults(own.ledger(), { pipeline: 'shop', interval: march(1) }, plan, { resume });
const shown = () => runToPublish({ ledger: own.ledger() }, 'shop');

it('takes what is before a step from the newest run that has it', async () => {
  await run('one', march(1));
  await run('two', march(1), {}, STEPS.slice(2));
  expect(await from('pages')).toMatchObject({ 'load:orders': { of: 'one' }, transform: { of: 'two' } });
  expect(Object.keys(await from('transform'))).toEqual(['extract:orders', 'load:orders']);
});

it('takes no older success of a step that has failed or was cancelled since', async () => {
  for (const outcome of ['failed', 'cancelled'] as const)
    for (const broken of STEPS) {
      const [good, bad] = [`good-${broken}-${outcome}`, `bad-${broken}-${outcome}`];
      await run(good, march(1));
      await run(bad, march(1), { broken, outcome });
      await expect(from('pages')).rejects.toThrow(
        `${broken} failed in ${bad}; rerun from there: 'sluice rerun ${bad} --from-step ${broken}'`,
      );
      await run(`mended-${bad}`, march(1));
      expect(await from('pages')).toMatchObject({ [broken]: { of: `mended-${bad}` } });
    }
});

it('takes no build of the models that one of another interval has come after and failed', async () => {
  await run('day', march(1), { broken: 'publish' });
  expect(Object.keys(await resumed('day'))).toContain('transform');
  await run('other', march(2), { broken: 'transform' });
  await expect(from('pages')).rejects.toThrow('transform failed in other');
  expect(Object.keys(await resumed('day')).sort()).toEqual(['extract:orders', 'load:orders']);
  await run('other-again', march(2));
  expect(await from('publish')).toMatchObject({ transform: { of: 'day' } });
  expect(Object.keys(await resumed('day'))).toContain('transform');
});

it('shows the marts by the run that built them last, and not what that has failed to build', async () => {
  await expect(shown()).rejects.toThrow(`'shop' has never built its models`);
  await run('build', march(1, 4));
  await run('later-day', march(4), {}, ['extract:orders', 'load:orders', 'check', 'publish']);
  expect(await shown()).toBe('build');
  await run('bad', march(2), { broken: 'transform' });
  await expect(shown()).rejects.toThrow(`transform failed in bad`);
  await run('mended', march(2));
  expect(await shown()).toBe('mended');
  await own.ledger().openRun(aRun('under-way', march(3)));
  await own.ledger().startStep('under-way', 'transform', null, 1);
  await expect(shown()).rejects.toThrow('are being built by under-way');
});

it('does again what comes after a step that had asked to be skipped, and takes no older result of it', async () => {
  const script = { script: ['true'] };
  const tasks = { look: script, told: { ...script, after: ['look'], when: 'always' } };
  const { name, description, schedule, start } = shop;
  const whole = planOf(resolvePipeline({ name, description, schedule, start, tasks }));
  const ledger = own.ledger();
  await run('looked', march(5), {}, ['task:look', 'task:told']);
  await ledger.openRun(aRun('in vain', march(5)));
  for (const [task, end] of [
    ['look', { skipped: 'there is nothing' }],
    ['told', { result: { of: 'in vain' }, rows: null, bytes: null }],
  ] as const) {
    await ledger.startStep('in vain', 'task', task, 1);
    await ledger.finishStep('in vain', 'task', task, 1, end);
  }
  await ledger.closeRun('in vain', 'failed', 'no');
  const earlier = (request: object) =>
    earlierResults(ledger, { pipeline: 'shop', interval: march(5) }, whole, request);
  expect(await earlier({ resume: 'in vain' })).toEqual({});
  await expect(earlier({ fromStep: 'told' })).rejects.toThrow(
    `look asked to be skipped in in vain; rerun from there: 'sluice rerun in vain --from-step look'`,
  );
});

it('builds again where another run was ended from outside while it built', async () => {
  await run('published badly', march(6), { broken: 'publish' });
  const ledger = own.ledger();
  await ledger.openRun(aRun('terminated', march(7)));
  await ledger.startStep('terminated', 'transform', null, 1);
  expect(
    Object.keys(
      await earlierResults(ledger, { pipeline: 'shop', interval: march(6) }, plan, {
        resume: 'published badly',
      }),
    ).sort(),
  ).toEqual(['extract:orders', 'load:orders']);
  await ledger.closeRun('terminated', 'failed', 'it was ended from outside');
});

it('does again what comes after a step that is done again, alarms and clean-ups too, and nothing that stands beside it', async () => {
  const script = { script: ['true'] };
  const tasks = {
    slow: { ...script, after: ['load'] },
    beside: { ...script, after: ['load'] },
    alarm: { ...script, after: ['slow'], when: 'failed' },
    tidy: { ...script, after: ['alarm'], when: 'always' },
  };
  const { name, description, schedule, start, source } = shop;
  const whole = planOf(
    resolvePipeline({
      name,
      description,
      schedule,
      start,
      source,
      tables: { orders: { domain: 'shop', extract: { mode: 'snapshot' } } },
      tasks,
    }),
  );
  await run('tasked', march(4), { broken: 'task:slow' }, [
    'extract:orders',
    'load:orders',
    'task:beside',
    'task:alarm',
    'task:tidy',
    'task:slow',
  ]);
  const kept = await earlierResults(own.ledger(), { pipeline: 'shop', interval: march(4) }, whole, {
    resume: 'tasked',
  });
  expect(Object.keys(kept).sort()).toEqual(['beside', 'extract:orders', 'load:orders']);
});
