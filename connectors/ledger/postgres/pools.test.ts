import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { useLedger } from './harness.ts';

const { ledger, database } = useLedger('pools');

const run = (runId: string) => ({ runId, workflowId: `w-${runId}`, pipeline: 'shop' });
const take = async (runId: string, { size = 1, priority = 0, pool = 'gpu', step = 'score' } = {}) =>
  ledger().takePlace({ pool, size, run: run(runId), step, priority, waitsIn: `w-${runId}` });
const has = async (...args: Parameters<typeof take>) => (await take(...args)).taken;
const leave = (runId: string, size = 1) => ledger().leavePool({ pool: 'gpu', step: 'score', size, runId });
const order = async () =>
  (await ledger().places()).map(({ runId, takenAt }) => (takenAt ? `${runId}!` : runId));

describe('a pool in the ledger', () => {
  it('gives as many places as it has, however many ask at once', async () => {
    const asked = await Promise.all(Array.from({ length: 12 }, (_, n) => has(`r${n}`, { size: 3 })));
    expect(asked.filter(Boolean)).toHaveLength(3);
    expect((await ledger().places()).filter(({ takenAt }) => takenAt !== null)).toHaveLength(3);
  });

  it('gives a step the place that it has, and none to others of its name', async () => {
    expect(await has('a')).toBe(true);
    expect(await has('a')).toBe(true);
    expect(await has('a', { step: 'train' })).toBe(false);
    expect(await has('a', { pool: 'cpu' })).toBe(true);
  });

  it('has those of greater priority first, then those who asked first', async () => {
    await take('holder');
    for (const [name, priority] of [
      ['early', 0],
      ['late', 0],
      ['urgent', 5],
    ] as const)
      await take(name, { priority });
    expect(await order()).toEqual(['holder!', 'urgent', 'early', 'late']);
    expect(await take('late')).toMatchObject({
      taken: false,
      ahead: 2,
      holders: [{ runId: 'holder', step: 'score' }],
    });
    expect(await leave('holder')).toEqual({ pool: 'gpu', step: 'score', waitsIn: 'w-urgent' });
    expect(await has('early')).toBe(false);
    expect(await has('urgent', { priority: 5 })).toBe(true);
    await ledger().losePlace({ pool: 'gpu', runId: 'urgent', step: 'score' }); // nobody is given it
    expect(await has('late')).toBe(false);
    expect(await has('early')).toBe(true);
    expect(await leave('late')).toBeUndefined();
    expect(await leave('early')).toBeUndefined();
  });

  it('tells of those first in line who asks no more', async () => {
    await take('holder');
    await take('asks');
    await take('silent');
    await take('waits');
    await database().client.query(
      `UPDATE pool_places SET seen_at = now() - interval '11 seconds' WHERE run_id = 'silent'`,
    );
    expect(await take('waits')).toMatchObject({ ahead: 2, silent: [{ runId: 'silent' }] });
    expect(await take('silent')).toMatchObject({ ahead: 1, silent: [] });
  });

  it('keeps no place for who has left the line without a word', async () => {
    await take('holder');
    await take('gone', { priority: 9 });
    await take('waits');
    await database().client.query(`UPDATE pool_places SET seen_at = now() - interval '31 seconds'`);
    expect(await leave('holder')).toBeUndefined();
    expect(await has('waits')).toBe(true);
    expect(await order()).toEqual(['waits!']);
  });

  it('is never fuller than its size, and no place stays free while somebody waits, whatever is asked and left', async () => {
    const steps = fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 0, max: 5 })), { maxLength: 25 });
    await fc.assert(
      fc.asyncProperty(steps, fc.integer({ min: 1, max: 3 }), async (asked, size) => {
        await database().client.query('TRUNCATE pool_places');
        for (const [takes, n] of asked) {
          if (takes) await take(`r${n}`, { size, priority: n % 2 });
          else await leave(`r${n}`, size);
          const places = await ledger().places();
          const held = places.filter(({ takenAt }) => takenAt !== null).length;
          expect(held).toBe(Math.min(size, places.length));
        }
      }),
      { numRuns: 40, seed: 9 },
    );
  });

  it('is given back by a run that is closed, and by the steps that still wait', async () => {
    await take('a');
    await take('a', { step: 'train' });
    await take('b');
    await ledger().closeRun('a', 'cancelled', null);
    expect(await order()).toEqual(['b']);
  });
});
