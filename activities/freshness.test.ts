import { describe, expect, it } from 'vitest';
import { TransientError } from '../core/errors.ts';
import { aRun, march, ran, shop } from '../connectors/ledger/postgres/fixtures.ts';
import { useLedger } from '../connectors/ledger/postgres/harness.ts';
import type { Notice } from '../core/notices/notice.ts';
import type { Connectors } from './connectors.ts';
import { tellStale } from './freshness.ts';
import { beginStep } from './own-step.ts';

const own = useLedger('told');
const due = { ...shop, deadline: '08:00' };

/** Who hears all, and what. */
function listener(name: string, wants: (notice: Notice) => boolean = () => true) {
  const heard: Notice[] = [];
  return { heard, name, wants, send: (notice: Notice) => Promise.resolve(void heard.push(notice)) };
}
const connectors = (...notify: ReturnType<typeof listener>[]) =>
  ({
    ledger: own.ledger(),
    steps: own.ledger(),
    registry: new Map([['shop', due]]),
    notify,
  }) as unknown as Connectors;
const lookAt = (hour: string, of: Connectors) =>
  tellStale(of, { after: '2024-03-05T00:00:00Z', upTo: `2024-03-05T${hour}:00Z` });

describe('the watch', () => {
  it('tells when a deadline has passed without a success, once, and when the late run is done', async () => {
    const anna = listener('anna');
    const all = connectors(anna);
    expect(await lookAt('07:59', all)).toEqual(['shop']); // yesterday's was missed as well
    anna.heard.length = 0;
    expect(await lookAt('08:00', all)).toEqual(['shop']);
    expect(await lookAt('08:15', all)).toEqual([]);
    expect(anna.heard).toEqual([
      { kind: 'deadline', pipeline: 'shop', interval: march(4), deadline: '2024-03-05T08:00:00Z' },
    ]);
    // Neither a later day nor a part of this one is what was late.
    await ran(own.ledger(), aRun('next', march(5)), ['orders', 'clicks']);
    await ran(own.ledger(), aRun('part', march(4), ['orders']), ['orders']);
    expect(await lookAt('08:20', all)).toEqual([]);
    await ran(own.ledger(), aRun('late', march(4)), ['orders', 'clicks']);
    expect(await lookAt('08:30', all)).toEqual(['shop']);
    expect(anna.heard.at(-1)).toMatchObject({ kind: 'recovered', of: ['deadline'], severity: 'error' });
  });

  it('says nothing where the run has succeeded in time', async () => {
    await ran(own.ledger(), aRun('day', march(4)), ['orders', 'clicks']);
    expect(await lookAt('09:00', connectors(listener('anna')))).toEqual([]);
  });
});

describe('somebody who cannot be told', () => {
  it('keeps it from nobody else, and hears it when that can be', async () => {
    const anna = listener('anna');
    const ben = listener('ben');
    let isAway = true;
    const away = {
      ...ben,
      send: (notice: Notice) => (isAway ? Promise.reject(new TransientError('away')) : ben.send(notice)),
    };
    const all = connectors(away, anna);
    await expect(lookAt('08:00', all)).rejects.toThrow('away');
    await expect(lookAt('08:15', all)).rejects.toThrow('away');
    expect(anna.heard).toMatchObject([{ kind: 'deadline' }]);
    isAway = false;
    await lookAt('08:30', all);
    expect(ben.heard).toMatchObject([{ kind: 'deadline' }]);
    expect(anna.heard).toHaveLength(1);
  });
});

describe('a pipeline that is gone', () => {
  it('has no incident any more', async () => {
    const all = connectors(listener('anna'));
    await lookAt('08:00', all);
    expect([...(await own.ledger().openIncidents()).keys()]).toEqual(['shop']);
    await lookAt('08:15', { ...all, registry: new Map() });
    expect((await own.ledger().openIncidents()).size).toBe(0);
  });
});

describe('a step that asks people', () => {
  it('tells them once, each what they want to hear, also where it begins again', async () => {
    const anna = listener('anna');
    const ben = listener('ben', ({ pipeline }) => pipeline !== 'shop');
    const run = { runId: 'r', workflowId: 'shop-1', pipeline: 'shop', interval: march(4) };
    await own.ledger().openRun(aRun('r', march(4)));
    for (let turn = 0; turn < 2; turn += 1)
      await beginStep(connectors(anna, ben), 'r', 'task', 'release', 'approval: go?', {
        run,
        question: 'go?',
      });
    expect(anna.heard).toEqual([
      {
        kind: 'approval',
        pipeline: 'shop',
        interval: march(4),
        runId: 'r',
        workflowId: 'shop-1',
        step: 'release',
        question: 'go?',
      },
    ]);
    expect(ben.heard).toEqual([]);
    // Whoever comes back after the answer is asked nothing.
    const late = listener('late');
    await own.ledger().finishStep('r', 'task', 'release', 1, { result: {}, rows: null, bytes: null });
    await lookAt('00:30', connectors(late));
    expect(late.heard.filter(({ kind }) => kind === 'approval')).toEqual([]);
  });

  it('tells them with the next look what could not be put down when it began, until its run has ended', async () => {
    const anna = listener('anna');
    const asking = { ...due, tasks: [{ name: 'release', does: { approve: 'go?' } }] };
    const all = { ...connectors(anna), registry: new Map([['shop', asking]]) } as unknown as Connectors;
    await own.ledger().openRun(aRun('r', march(4)));
    await own.ledger().startStep('r', 'task', 'release', 1, 'approval: go?');
    for (const hour of ['00:15', '00:30']) await lookAt(hour, all);
    const asked = anna.heard.filter(({ kind }) => kind === 'approval');
    expect(asked).toMatchObject([{ runId: 'r', step: 'release', question: 'go?' }]);
    await own.ledger().closeRun('r', 'failed', 'terminated');
    await lookAt('00:45', all);
    const open = (await own.ledger().openIncidents()).get('shop') ?? [];
    expect(open.filter(({ kind }) => kind === 'approval')).toEqual([]);
  });
});
