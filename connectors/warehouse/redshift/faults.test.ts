import { describe, expect, it } from 'vitest';
import { TransientError } from '../../../core/errors.ts';
import type { Fault } from '../../../aws-local/redshift-data/faults.ts';
import { missing } from '../../../aws-local/redshift-bench/redshift-harness.ts';
import { day } from '../conformance/fixtures.ts';
import { FIRST, never, NOON, redshiftTests, SECOND } from './harness.ts';

describe.skipIf(missing)(
  `RedshiftWarehouse when things go wrong ${missing ?? ''}`,
  { timeout: 60_000 },
  () => {
    const { bench, warehouse, open, load, request, rows, waiting, nothingIsLeft, appliedOnce } =
      redshiftTests();

    const passing: readonly (readonly [string, Fault])[] = [
      ['is throttled', { kind: 'throttle', times: 2 }],
      ['gets an internal error', { kind: 'server-error', times: 2 }],
      [
        'loses the answer to the batch that it sent',
        { kind: 'lost-answer', operation: 'BatchExecuteStatement', times: 2 },
      ],
      ['loses the answer while it waits', { kind: 'lost-answer', operation: 'DescribeStatement', times: 2 }],
      [
        'loses the answer with the result',
        { kind: 'lost-answer', operation: 'GetStatementResult', times: 2 },
      ],
      ['is slow', { kind: 'slow', milliseconds: 300, times: 5 }],
      ['loses against another transaction (1023)', { kind: 'serialization-conflict', times: 1 }],
    ];
    for (const [what, fault] of passing) {
      it(`applies the load once when it ${what}`, async () => {
        await load(FIRST);
        bench().data.faults.add(fault);
        expect(await load(SECOND)).toMatchObject({ rowsLoaded: 2, rowsDeleted: 1, alreadyApplied: false });
        await appliedOnce();
      });
    }

    const failing: readonly (readonly [string, Fault, RegExp])[] = [
      ['credentials expire', { kind: 'expired-token', times: 20 }, /Renew the AWS credentials/],
      ['throttling does not end', { kind: 'throttle', times: 50 }, /workgroup sluice.*Rate exceeded/s],
      [
        'the warehouse fails after COPY',
        { kind: 'fail-after-copy', times: 1 },
        /l2.*raw_shop\.orders.*leader node/s,
      ],
    ];
    for (const [what, fault, message] of failing) {
      it(`changes nothing when ${what}, and the same load then goes through`, async () => {
        await load(FIRST);
        const wanted = await request(SECOND);
        bench().data.faults.add(fault);
        const failure = warehouse().load(wanted, never);
        await expect(failure).rejects.toThrow(message);
        await expect(failure).rejects.toBeInstanceOf(TransientError);
        bench().data.faults.clear();
        expect(await rows()).toEqual(['1al1', '2bl1']);
        await nothingIsLeft();
        await warehouse().load(wanted, never);
        await appliedOnce();
      });
    }

    it('does not take an answer that never comes for a failure of the load', async () => {
      await load(FIRST);
      const wanted = await request(SECOND);
      // The first batch reads, the second writes.
      bench().data.faults.add({
        kind: 'lost-answer',
        operation: 'BatchExecuteStatement',
        skip: 1,
        times: 50,
      });
      const failure = warehouse().load(wanted, never);
      await expect(failure).rejects.toThrow(/l2 of raw_shop\.orders \(workgroup sluice\).*tried again/s);
      await expect(failure).rejects.toBeInstanceOf(TransientError);
      bench().data.faults.clear();
      expect(await open().load(wanted, never)).toMatchObject({ rowsLoaded: 2, rowsDeleted: 1 });
      await appliedOnce();
    });

    it('finds the load applied when the worker died between its commit and its answer', async () => {
      await load(FIRST);
      const wanted = await request(SECOND);
      // Three results are read before the batch; the batch's own never arrives.
      bench().data.faults.add({ kind: 'lost-answer', operation: 'GetStatementResult', skip: 3, times: 50 });
      await expect(warehouse().load(wanted, never)).rejects.toBeInstanceOf(TransientError);
      bench().data.faults.clear();
      const successor = open();
      expect(await successor.load(wanted, never)).toMatchObject({
        alreadyApplied: true,
        rowsLoaded: 2,
        rowsDeleted: 1,
      });
      await appliedOnce();
    });

    it('applies a load once when two workers bring it at the same time', async () => {
      await load(FIRST);
      const wanted = await request(SECOND);
      const results = await Promise.all([warehouse().load(wanted, never), open().load(wanted, never)]);
      expect(results.map(({ rowsDeleted }) => rowsDeleted)).toEqual([1, 1]);
      await appliedOnce();
    });

    it('applies loads of one table that come at the same time', async () => {
      const loads = [1, 2, 3, 4].map((number) => ({
        loadId: `l${number}`,
        interval: day(number),
        files: [[[number, NOON, 'x']]],
      }));
      await Promise.all(loads.map(load));
      expect(await rows()).toEqual(['1xl1', '2xl2', '3xl3', '4xl4']);
      expect(await bench().sql('SELECT sequence FROM _sluice.loads ORDER BY sequence')).toHaveLength(4);
    });

    it('cancels the statement when it is aborted, throws the reason, and leaves nothing', async () => {
      await load(FIRST);
      const wanted = await request(SECOND);
      const blocker = await bench().database.pool.connect();
      await blocker.query('BEGIN; LOCK TABLE raw_shop.orders');
      const controller = new AbortController();
      const reason = new Error('cancelled');
      const running = warehouse().load(wanted, controller.signal);
      const settled = expect(running).rejects.toBe(reason);
      await expect.poll(waiting, { timeout: 30_000 }).toHaveLength(1);
      const started = performance.now();
      controller.abort(reason);
      await settled;
      expect(performance.now() - started).toBeLessThan(9_000); // not when its end is asked for anew, every 10 s
      expect(await waiting()).toEqual([]);
      await blocker.query('ROLLBACK');
      blocker.release();
      expect(await rows()).toEqual(['1al1', '2bl1']);
      await nothingIsLeft();
      await warehouse().load(wanted, never);
      await appliedOnce();
    });
  },
);
