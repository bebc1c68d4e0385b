import { describe, expect, it } from 'vitest';
import { aRun, march, ran, shop } from '../../connectors/ledger/postgres/fixtures.ts';
import { BrokenPipeline } from '../../core/registry.ts';
import { usePages } from '../pages-harness.ts';

const clicks = {
  ...shop,
  name: 'clicks',
  schedule: {
    onFiles: {
      place: 'clicks',
      pattern: '*',
      every: '1 minute',
      settle: '10 seconds',
      batch: 1,
      concurrency: 1,
    },
  },
} as const;
const late = { ...shop, name: 'late', freshness: { warnAfter: '1 day', errorAfter: '2 days' } } as const;
const registry = Object.assign(
  new Map([
    ['shop', shop],
    ['late', late],
    ['clicks', clicks],
  ]),
  { broken: new Map([['torn', new BrokenPipeline('Pipeline torn', ['it has no tables.'])]]) },
);
const { ledger, pages } = usePages('web_overview', registry);
const of = (pipeline: string, run: ReturnType<typeof aRun>) => ({ ...run, pipeline });

describe('the first page', () => {
  it('shows every pipeline of the registry, one that has never run as well', async () => {
    const html = await pages().text('/');
    expect(html).toContain('href="/pipelines/shop"');
    expect(html).toContain('no runs yet');
    expect(html).toContain('not all tables are loaded');
  });

  it('shows the newest run of each of the last intervals as a link that says how it went', async () => {
    await ran(ledger(), aRun('one', march(1)), ['orders']);
    await ran(ledger(), aRun('two', march(2)), ['orders'], 'failed');
    const html = await pages().text('/');
    expect(html).toMatch(
      /class="sq succeeded" href="\/runs\/shop-2024-03-02T00%3A00%3A00Z" aria-label="2024-03-01: succeeded/,
    );
    expect(html).toMatch(
      /class="sq failed" href="\/runs\/shop-2024-03-03T00%3A00%3A00Z" aria-label="2024-03-02: failed/,
    );
  });

  it('says first what needs somebody: a question, what does not hold, what failed and why, what is stale', async () => {
    await ran(ledger(), aRun('two', march(2)), [], 'failed');
    await ran(ledger(), of('late', aRun('old', march(1))), ['orders', 'clicks', 'prices']);
    await ledger().openRun(aRun('asks', march(3)));
    await ledger().startStep(
      'asks',
      'task',
      'release',
      1,
      "approval: Release it? ('sluice approve x release', or --reject)",
    );
    const html = await pages().text('/');
    const at = ['approval: Release it?', 'it has no tables.', 'it went wrong', 'is stale'].map((text) =>
      html.indexOf(text),
    );
    expect(at).not.toContain(-1);
    expect([...at].sort((a, b) => a - b)).toEqual(at);
    expect(html).not.toContain('All is as it should be');
  });

  it('says of a pipeline that files start why its last look failed, until one succeeds', async () => {
    await ledger().recordLook('clicks', { unclaimed: 0, problem: 'There is no folder /in/clicks.' });
    expect(await pages().text('/')).toMatch(
      /could not look for files[\s\S]+There is no folder \/in\/clicks\./,
    );
    await ledger().recordLook('clicks', { unclaimed: 1, problem: null });
    expect(await pages().text('/')).not.toContain('could not look for files');
  });

  it('says that Temporal is away instead of that nothing is paused', async () => {
    expect(await pages().text('/')).toContain('Temporal does not answer');
  });

  it('tells of a failed run no more once a later one of its interval has succeeded', async () => {
    await ran(ledger(), aRun('first', march(2)), [], 'failed');
    await ran(ledger(), aRun('again', march(2)), ['orders']);
    expect(await pages().text('/')).not.toContain('it went wrong');
  });
});
