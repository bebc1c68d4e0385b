import { describe, expect, it } from 'vitest';
import type { IncidentChanges } from '../../../core/notices/incidents.ts';
import type { Notice } from '../../../core/notices/notice.ts';
import { useLedger } from './harness.ts';

const own = useLedger('incidents');
const notice = (pipeline: string): Notice => ({
  kind: 'recovered',
  pipeline,
  severity: 'error',
  of: ['stale'],
  since: '2024-03-01T00:00:00Z',
});
const begins: IncidentChanges = {
  open: [{ kind: 'stale', subject: 'error', upTo: null }],
  close: [],
  notices: [notice('shop')],
};

describe('the incidents of a pipeline', () => {
  it('are changed one after the other: of many who see one begin, one tells', async () => {
    const ledger = own.ledger();
    await Promise.all(
      Array.from({ length: 8 }, () =>
        ledger.changeIncidents('shop', (open) =>
          open.length ? { open: [], close: [], notices: [] } : begins,
        ),
      ),
    );
    expect(await ledger.takeNotice('anna')).toMatchObject({ notice: notice('shop') });
    expect(await ledger.takeNotice('anna')).toBeUndefined();
    await ledger.changeIncidents('other', (open) => {
      expect(open).toEqual([]);
      return { open: [], close: [], notices: [] };
    });
    await ledger.changeIncidents('shop', (open) => ({ open: [], close: open, notices: [] }));
    await ledger.changeIncidents('shop', (open) => {
      expect(open).toEqual([]);
      return begins;
    });
  });

  it('are left as they were where the decision fails', async () => {
    const ledger = own.ledger();
    await expect(
      ledger.changeIncidents('shop', () => {
        throw new Error('no');
      }),
    ).rejects.toThrow();
    expect(await ledger.takeNotice('anna')).toBeUndefined();
  });

  it('reach as far as the latest that has begun with them', async () => {
    const ledger = own.ledger();
    for (const upTo of ['2024-03-03T00:00:00Z', '2024-03-02T00:00:00Z'])
      await ledger.changeIncidents('shop', () => ({
        open: [{ kind: 'run-failed', subject: 'load:orders', upTo }],
        close: [],
        notices: [],
      }));
    await ledger.changeIncidents('shop', (open) => {
      expect(open).toMatchObject([{ upTo: '2024-03-03T00:00:00Z' }]);
      return { open: [], close: [], notices: [] };
    });
  });
});

describe('what is not over', () => {
  const failed: IncidentChanges = {
    open: [{ kind: 'run-failed', subject: 'load:orders', upTo: '2024-03-03T00:00:00Z' }],
    close: [],
    notices: [
      {
        kind: 'run-failed',
        pipeline: 'shop',
        interval: { start: 'a', end: 'b' },
        runId: 'r1',
        message: 'it failed',
      },
    ],
  };

  it('is listed with what was told of its beginning, to whom and when; what is over is not', async () => {
    const ledger = own.ledger();
    await ledger.changeIncidents('shop', () => failed);
    // The end of something else, and another pipeline's failure, are no word of it.
    await ledger.changeIncidents('shop', () => ({ open: [], close: [], notices: [notice('shop')] }));
    await ledger.changeIncidents('other', () => ({ ...failed, notices: [] }));
    const { id = 0 } = (await ledger.takeNotice('anna')) ?? {};
    await ledger.leaveNotice(id, 'anna');
    expect(await ledger.toldIncidents()).toMatchObject([
      { pipeline: 'shop', subject: 'load:orders', notice: { runId: 'r1' }, told: [{ receiver: 'anna' }] },
      { pipeline: 'other', subject: 'load:orders', notice: null, told: [] },
    ]);
    const [{ told } = { told: [] }] = await ledger.toldIncidents();
    expect(Date.now() - Date.parse(told[0]?.at ?? '')).toBeLessThan(600_000);
    await ledger.changeIncidents('shop', (open) => ({ open: [], close: open, notices: [] }));
    expect((await ledger.toldIncidents()).map(({ pipeline }) => pipeline)).toEqual(['other']);
  });

  it('says who was told before times were put down, and when those after were', async () => {
    const ledger = own.ledger();
    await ledger.changeIncidents('shop', () => failed);
    await own.database().client.query(`UPDATE notices SET told = '{ben,carl}'`);
    const { id = 0 } = (await ledger.takeNotice('anna')) ?? {};
    await ledger.leaveNotice(id, 'anna');
    const [{ told } = { told: [] }] = await ledger.toldIncidents();
    expect(told.map(({ receiver, at }) => [receiver, at === null])).toEqual([
      ['ben', true],
      ['carl', true],
      ['anna', false],
    ]);
  });
});

describe('a notice', () => {
  it('is one worker at a time, and goes on to those who were not told', async () => {
    const ledger = own.ledger();
    await ledger.changeIncidents('shop', () => begins);
    const { id = 0 } = (await ledger.takeNotice('anna')) ?? {};
    expect(await ledger.takeNotice('ben')).toBeUndefined();
    await ledger.leaveNotice(id, 'anna');
    expect(await ledger.takeNotice('anna')).toBeUndefined();
    expect(await ledger.takeNotice('ben')).toMatchObject({ id });
    await ledger.leaveNotice(id, null);
    expect(await ledger.takeNotice('ben', { pipeline: 'other', within: '1 hour' })).toBeUndefined();
    expect(await ledger.takeNotice('ben', { pipeline: 'shop', within: '1 hour' })).toMatchObject({ id });
  });

  it('is given to another when its worker has died, and to nobody a day later', async () => {
    const ledger = own.ledger();
    const { client } = own.database();
    await ledger.changeIncidents('shop', () => begins);
    expect(await ledger.takeNotice('anna')).toBeDefined();
    await client.query(`UPDATE notices SET taken_until = now() - interval '1 second'`);
    expect(await ledger.takeNotice('anna')).toBeDefined();
    await client.query(`UPDATE notices SET taken_until = NULL, at = now() - interval '25 hours'`);
    expect(await ledger.takeNotice('anna')).toBeUndefined();
  });
});
