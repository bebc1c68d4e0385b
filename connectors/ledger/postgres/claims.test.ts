import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ArrivedFile } from '../../../core/arrived-file.ts';
import type { DataInterval } from '../../../core/interval.ts';
import { definePipeline } from '../../../core/pipeline.ts';
import { resolvePipeline } from '../../../core/resolve.ts';
import type { NewRun } from '../port.ts';
import { useLedger } from './harness.ts';
import { LEDGER_TABLES } from './fixtures.ts';

const own = useLedger('claims');
const ledger = () => own.ledger();

const inbox = resolvePipeline(
  definePipeline({
    name: 'inbox',
    description: 'what arrives',
    schedule: { onFiles: { place: 'in' } },
    start: '2024-01-01',
    source: 'inbox',
    tables: { rows: { domain: 'test', extract: { mode: 'files', format: 'csv', columns: { id: 'int64' } } } },
  }),
);
const file = (key: string, version: string, second = 0): ArrivedFile => ({
  key,
  version,
  bytes: 1,
  arrivedAt: new Date(Date.UTC(2024, 2, 1, 0, 0, second)).toISOString(),
});
const look = (files: readonly ArrivedFile[], { batch = 100, settleMs = 0 } = {}) =>
  ledger().claimFiles({ pipeline: 'inbox', place: 'in', files, settleMs, batch });
const aRun = (runId: string, interval: DataInterval): NewRun => ({
  runId,
  workflowId: `inbox-${interval.end}`,
  pipeline: 'inbox',
  interval,
  kind: 'scheduled',
  backfillId: null,
  codeVersion: 'test',
  input: { pipeline: 'inbox' },
  definition: inbox,
  takesFiles: true,
});
const waiting = async () => (await ledger().waitingBatches('inbox', 1_000)).batches;
const keysOf = async (interval: DataInterval) =>
  (await ledger().claimed('inbox', interval)).map(({ key, version }) => `${key}@${version}`);
const ALL = { start: '1970-01-01T00:00:00Z', end: '9999-01-01T00:00:00Z' };

describe('files that are claimed', { timeout: 60_000 }, () => {
  it('are batched in order of arrival, each batch with an interval of its own', async () => {
    const files = [file('c', '1', 1), file('a', '1', 3), file('b', '1', 2), file('d', '1', 3)];
    expect(await look(files, { batch: 3 })).toEqual({ claimed: 4, waiting: 0 });
    const [one, two, ...more] = await waiting();
    if (!one || !two) throw new Error('no batches');
    expect(more).toEqual([]);
    expect(one.end <= two.start).toBe(true);
    expect(Date.parse(two.end)).toBeLessThanOrEqual(Date.now());
    expect(await keysOf(one)).toEqual(['c@1', 'b@1', 'a@1']);
    expect(await keysOf(two)).toEqual(['d@1']);
    expect(await look(files)).toEqual({ claimed: 0, waiting: 0 });
  });

  it('have stood still between two looks', async () => {
    expect(await look([file('a', '1')], { settleMs: 200 })).toEqual({ claimed: 0, waiting: 1 });
    await new Promise((resolve) => setTimeout(resolve, 250));
    expect(await look([file('a', '2'), file('b', '1')], { settleMs: 200 })).toEqual({
      claimed: 0,
      waiting: 2,
    });
    await new Promise((resolve) => setTimeout(resolve, 250));
    expect(await look([file('a', '2'), file('b', '2')], { settleMs: 200 })).toEqual({
      claimed: 1,
      waiting: 1,
    });
  });

  it('of another version wait until the run of the version before has ended', async () => {
    await look([file('a', '1')]);
    expect(await look([file('a', '2')])).toEqual({ claimed: 0, waiting: 1 });
    const [batch] = await waiting();
    if (!batch) throw new Error('no batch');
    await ledger().openRun(aRun('r1', batch));
    expect(await ledger().waitingBatches('inbox', 10)).toEqual({ batches: [], running: 1 });
    expect(await ledger().takenBy('inbox', batch)).toBe('r1');
    expect(await look([file('a', '2')])).toEqual({ claimed: 0, waiting: 1 });
    await ledger().closeRun('r1', 'failed', 'it went wrong');
    expect(await look([file('a', '2')])).toEqual({ claimed: 1, waiting: 0 });
    expect(await ledger().claimed('inbox', batch)).toMatchObject([{ key: 'a', version: '1', newest: false }]);
  });

  it('wait on where a run reads only some tables of them', async () => {
    await look([file('a', '1')]);
    const [batch] = await waiting();
    if (!batch) throw new Error('no batch');
    await ledger().openRun({ ...aRun('some', batch), takesFiles: false });
    expect(await waiting()).toEqual([batch]);
    expect(await ledger().takenBy('inbox', batch)).toBeUndefined();
  });

  it('are claimed again where they were passed over and are back, and only then', async () => {
    await look([file('a', '1'), file('b', '1')]);
    const [batch] = await waiting();
    if (!batch) throw new Error('no batch');
    await ledger().openRun(aRun('r1', batch));
    const [a] = await ledger().claimed('inbox', batch);
    await ledger().passOver('inbox', batch, a ? [a] : []);
    await ledger().closeRun('r1', 'succeeded', null);
    expect(await look([file('a', '1'), file('b', '1')])).toEqual({ claimed: 1, waiting: 0 });
    const [again] = await waiting();
    expect(again && (await keysOf(again))).toEqual(['a@1']);
    expect(await look([file('a', '1'), file('b', '1')])).toEqual({ claimed: 0, waiting: 0 });
  });

  it('are told of by the last look', async () => {
    expect(await ledger().lastLook('inbox')).toBeUndefined();
    await look([file('a', '1'), file('b', '1')], { batch: 1 });
    await ledger().recordLook('inbox', { unclaimed: 3, problem: null });
    expect(await ledger().lastLook('inbox')).toMatchObject({ unclaimed: 3, batches: 2, problem: null });
    await ledger().recordLook('inbox', { unclaimed: 0, problem: 'no such folder' });
    expect(await ledger().lastLook('inbox')).toMatchObject({ batches: 2, problem: 'no such folder' });
  });

  it('are each in one batch, whatever looks come at once, and whenever one is lost', async () => {
    const names = fc.constantFrom('a', 'b', 'c', 'd');
    const act = fc.oneof(
      fc.record({ do: fc.constant('put' as const), key: names }),
      fc.record({
        do: fc.constant('look' as const),
        batch: fc.integer({ min: 1, max: 3 }),
        at: fc.integer({ min: 1, max: 3 }),
      }),
      fc.record({ do: fc.constant('run' as const), ends: fc.boolean() }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(act, { minLength: 3, maxLength: 15 }), async (acts) => {
        await own.database().client.query(`TRUNCATE ${LEDGER_TABLES}`);
        const there = new Map<string, ArrivedFile>();
        const open: string[] = [];
        let n = 0;
        const run = async (ends: boolean) => {
          const [batch] = await waiting();
          if (!batch) return false;
          // Started twice, it is taken once.
          const runId = `r${(n += 1)}`;
          await ledger().openRun(aRun(runId, batch));
          expect(await ledger().takenBy('inbox', batch)).toBe(runId);
          if (ends) await ledger().closeRun(runId, 'succeeded', null);
          else open.push(runId);
          return true;
        };
        for (const each of acts) {
          if (each.do === 'put') there.set(each.key, file(each.key, `${(n += 1)}`, n));
          else if (each.do === 'look')
            await Promise.all(Array.from({ length: each.at }, () => look([...there.values()], each)));
          else await run(each.ends);
        }
        for (let round = 0; round < 3; round += 1) {
          for (const runId of open.splice(0)) await ledger().closeRun(runId, 'succeeded', null);
          await look([...there.values()]);
          while (await run(true));
        }
        const batches = await ledger().batches('inbox', ALL);
        for (const [at, batch] of batches.entries())
          expect(batch.start >= (batches[at - 1]?.end ?? batch.start)).toBe(true);
        const claims = (await Promise.all(batches.map(keysOf))).flat();
        expect(new Set(claims).size).toBe(claims.length);
        const newest = (await ledger().claimed('inbox', ALL)).map(({ key, version }) => `${key}@${version}`);
        expect(newest.sort()).toEqual(
          [...there.values()].map(({ key, version }) => `${key}@${version}`).sort(),
        );
      }),
      { numRuns: 25 },
    );
  });
});
