import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Step } from '../../core/run.ts';
import type { StepRecord } from '../../connectors/ledger/port.ts';
import type { LabWorker } from './crew.ts';
import { holdWarehouse, lockTable, untilBlocked } from './holder.ts';
import { day, Lab } from './lab.ts';
import { leftovers, NOTHING, sql, state } from './state.ts';
import { eventually } from './wait.ts';

const DAY = day('2024-03-03');
const TABLES = ['orders', 'visits'];
let lab: Lab;
let frozen: LabWorker;
let other: LabWorker | undefined;
let reference: Record<string, unknown>;

const stepOf = async (runId: string, step: Step, table: string): Promise<StepRecord | undefined> =>
  (await lab.session.ledger.steps([runId])).find((each) => each.step === step && each.table === table);
const untilRunning = (runId: string, step: Step, table: string) =>
  eventually(`${step} of ${table} to begin`, async () => {
    return (await stepOf(runId, step, table))?.outcome === 'running';
  });
/** How often the worker has seen one of its steps fail, or be cancelled under it. */
const failures = (worker: LabWorker) => worker.log().split('step failed').length - 1;

beforeAll(async () => {
  lab = await Lab.open();
  frozen = await lab.startWorker();
  await (await lab.run({ interval: DAY, tables: TABLES })).result();
  reference = await state(lab);
});
afterAll(() => lab.close());
beforeEach(() => lab.forget());
afterEach(async () => {
  frozen.signal('SIGCONT');
  await other?.stop();
});

describe('a run that cannot begin where it is asked to', { timeout: 120_000 }, () => {
  it('is told as failed, and leaves its interval to others', async () => {
    const run = await lab.run({ interval: DAY, tables: ['orders'], fromStep: 'load' });
    await expect(run.result()).rejects.toThrow();
    expect(await lab.failedRun()).toMatchObject({
      runId: run.firstExecutionRunId,
      error: expect.stringContaining('no earlier run has a result for extract:orders') as string,
    });
    const { rows } = await lab.inLedger('SELECT * FROM leases');
    expect(rows).toEqual([]);
  });
});

describe('a worker that stands still past its heartbeat and then goes on', { timeout: 360_000 }, () => {
  it('while it extracts: the rows of the one that took over stand, and what it writes late is collected', async () => {
    const unlock = await lockTable(lab, 'shop.orders');
    const run = await lab.run({ interval: DAY, tables: TABLES });
    await untilBlocked(lab);
    frozen.signal('SIGSTOP');
    other = await lab.startWorker();
    await unlock();
    await run.result();
    const won = await sql(lab, 'SELECT DISTINCT _load_id AS id FROM raw_shop.orders');

    frozen.signal('SIGCONT');
    await eventually(
      'the late worker to end its extraction',
      () =>
        /"step":"extract","table":"orders","attempt":1[^\n]*"msg":"step (done|failed)"/.test(frozen.log()),
      90_000,
    );
    expect(await stepOf(run.firstExecutionRunId, 'extract', 'orders')).toMatchObject({
      outcome: 'succeeded',
      result: { loadId: won[0]?.['id'] },
    });
    expect(await sql(lab, 'SELECT DISTINCT _load_id AS id FROM raw_shop.orders')).toEqual(won);
    expect(await state(lab)).toEqual(reference);
    expect(await leftovers(lab)).toEqual(NOTHING);
  });

  it('while it loads: another one applies the load, and its own attempt changes nothing', async () => {
    const first = await lab.run({ interval: DAY, tables: TABLES });
    await first.result();
    lab.emptyWarehouse();
    const letGo = await holdWarehouse(lab.warehouseFile);
    const run = await lab.run({ interval: DAY, tables: TABLES, fromStep: 'load' });
    for (const table of TABLES) await untilRunning(run.firstExecutionRunId, 'load', table);
    frozen.signal('SIGSTOP');
    other = await lab.startWorker();
    await eventually(
      'the other worker to take the loads over',
      async () => {
        const steps = await Promise.all(
          TABLES.map((table) => stepOf(run.firstExecutionRunId, 'load', table)),
        );
        return steps.every((step) => (step?.attempt ?? 1) > 1);
      },
      90_000,
    );
    await letGo();
    await run.result();

    const before = frozen.log().length;
    frozen.signal('SIGCONT');
    await eventually(
      'the late worker to end its loads',
      () => {
        const said = frozen.log().slice(before);
        return TABLES.every((table) =>
          new RegExp(`"step":"load","table":"${table}","attempt":1[^\n]*"msg":"step (done|failed)"`).test(
            said,
          ),
        );
      },
      90_000,
    );
    for (const table of TABLES)
      expect(await stepOf(run.firstExecutionRunId, 'load', table)).toMatchObject({
        outcome: 'succeeded',
        result: { alreadyApplied: false },
      });
    expect(await state(lab)).toEqual(reference);
    expect(await leftovers(lab)).toEqual(NOTHING);
  });

  it('while it loads what is outdated by then: the newer rows stay', async () => {
    const first = await lab.run({ interval: DAY, tables: TABLES });
    await first.result();
    lab.emptyWarehouse();
    const letGo = await holdWarehouse(lab.warehouseFile);
    const old = await lab.run({ interval: DAY, tables: TABLES, fromStep: 'load' });
    for (const table of TABLES) await untilRunning(old.firstExecutionRunId, 'load', table);
    frozen.signal('SIGSTOP');
    other = await lab.startWorker();
    await old.terminate('the operator has given up on it');
    await letGo();

    await lab.source.query(`UPDATE shop.orders SET amount = amount + 1`);
    const newer = await lab.run({ interval: DAY, tables: TABLES });
    await newer.result();
    const after = await state(lab);
    expect(after).not.toEqual(reference);

    const seen = failures(frozen);
    frozen.signal('SIGCONT');
    await eventually('the late loads to be refused', () => failures(frozen) - seen >= TABLES.length, 90_000);
    expect(await state(lab)).toEqual(after);
    expect(await leftovers(lab)).toEqual(NOTHING);
    const [record] = await lab.session.ledger.runs({ id: old.firstExecutionRunId });
    expect(record).toMatchObject({
      outcome: 'failed',
      error: expect.stringContaining('ended from outside') as string,
    });
  });
});
