import { existsSync, readdirSync, statSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Step } from '../../core/run.ts';
import type { StepRecord } from '../../connectors/ledger/port.ts';
import type { LabWorker } from './crew.ts';
import { closeGate, holdWarehouse, lockTable, untilBlocked } from './holder.ts';
import { day, Lab } from './lab.ts';
import { GATE, SMALL, seedShop } from './shop.ts';
import { leftovers, NOTHING, sql, state } from './state.ts';
import { eventually } from './wait.ts';

const DAY = day('2024-03-02');
let lab: Lab;
let worker: LabWorker;
let reference: Record<string, unknown>;

beforeAll(async () => {
  lab = await Lab.open();
  await seedShop(lab.source, { readings: true });
  worker = await lab.startWorker();
  await (await lab.run({ interval: DAY })).result();
  reference = await state(lab);
});
afterAll(() => lab.close());
beforeEach(() => lab.empty());

const onlySmall = () =>
  Object.fromEntries(
    Object.entries(reference).filter(([table]) => (SMALL as readonly string[]).includes(table)),
  );

const stepOf = async (runId: string, step: Step, table: string): Promise<StepRecord | undefined> =>
  (await lab.session.ledger.steps([runId])).find((each) => each.step === step && each.table === table);

/** Kills the worker where it stands and puts a new one in its place, as a supervisor does. */
const killAndReplace = async (): Promise<void> => {
  await worker.kill();
  worker = await lab.startWorker();
};

describe('a worker that is killed', { timeout: 120_000 }, () => {
  it('has brought four tables with rows and a mark, when nothing happens', () => {
    expect(reference).toMatchObject({
      orders: { rows: '100', loads: '1' },
      clicks: { rows: '100', loads: '1' },
      visits: { rows: '300', loads: '1', applied: [{ high_water_mark: '300' }] },
      prices: { rows: '50', loads: '1' },
      parcels: { rows: '5000', loads: '1' },
      readings: { rows: '1200000', loads: '1' },
    });
  });

  it('while it extracts: another one extracts again, and no session stays in the source', async () => {
    const open = await closeGate(lab, GATE);
    const run = await lab.run({ interval: DAY });
    await untilBlocked(lab);
    await eventually('rows of parcels in the lake', () =>
      readdirSync(`${lab.lakeFolder}/bronze/shop/parcels`, { recursive: true }).some((file) =>
        String(file).endsWith('.parquet'),
      ),
    );
    await killAndReplace();
    await open();
    await run.result();
    expect((await stepOf(run.firstExecutionRunId, 'extract', 'parcels'))?.attempt).toBe(2);
    expect(await state(lab)).toEqual(reference);
    expect(await leftovers(lab)).toEqual(NOTHING);
  });

  it('while its run is cancelled: the run ends as cancelled, and not as failed by the lost attempt', async () => {
    const unlock = await lockTable(lab, 'shop.clicks');
    const run = await lab.run({ interval: DAY, tables: ['clicks'] });
    await untilBlocked(lab);
    await worker.kill();
    await run.cancel();
    worker = await lab.startWorker();
    await expect(run.result()).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
    await unlock();
    const [known] = await lab.session.ledger.runs({ id: run.firstExecutionRunId });
    expect(known).toMatchObject({ outcome: 'cancelled' });
    expect(await leftovers(lab)).toEqual(NOTHING);
  });

  it('between manifest and load: the manifest alone brings no row, the next attempt brings each once', async () => {
    const unlock = await lockTable(lab, 'shop.clicks');
    const run = await lab.run({ interval: DAY, tables: ['clicks'] });
    await untilBlocked(lab);
    const letGo = await holdWarehouse(lab.warehouseFile);
    await unlock();
    await eventually('a manifest of clicks', () =>
      readdirSync(`${lab.lakeFolder}/bronze/shop/clicks`, { recursive: true }).some((file) =>
        String(file).endsWith('_manifest.json'),
      ),
    );
    await worker.kill();
    await letGo();
    expect(await sql(lab, `SELECT * FROM duckdb_tables() WHERE schema_name = 'raw_shop'`)).toEqual([]);
    worker = await lab.startWorker();
    await run.result();
    expect((await stepOf(run.firstExecutionRunId, 'extract', 'clicks'))?.attempt).toBe(2);
    expect(await state(lab)).toEqual({ clicks: reference['clicks'] });
    expect(await leftovers(lab)).toEqual(NOTHING);
  });

  it('before its load begins: the load is applied once, from the files that are there', async () => {
    const first = await lab.run({ interval: DAY, tables: [...SMALL], skip: ['transform'] });
    await first.result();
    const extracted = await stepOf(first.firstExecutionRunId, 'extract', 'visits');
    lab.emptyWarehouse();
    const letGo = await holdWarehouse(lab.warehouseFile);
    const run = await lab.run({ interval: DAY, tables: [...SMALL], fromStep: 'load' });
    await eventually('a load that waits for the file', async () => {
      const step = await stepOf(run.firstExecutionRunId, 'load', 'visits');
      return step?.outcome === 'running';
    });
    await killAndReplace();
    await letGo();
    await run.result();
    expect((await stepOf(run.firstExecutionRunId, 'load', 'visits'))?.attempt).toBe(2);
    expect(await state(lab)).toEqual(onlySmall());
    const [loaded] = await sql(lab, `SELECT DISTINCT _load_id AS id FROM raw_shop.visits`);
    expect(extracted?.result).toMatchObject({ loadId: loaded?.['id'] });
    expect(await leftovers(lab)).toEqual(NOTHING);
  });

  it('in the middle of a load: nothing of it is there, then all of it once', async () => {
    const run = await lab.run({ interval: DAY, tables: ['readings'] });
    await eventually('rows on their way into the warehouse', async () => {
      if ((await stepOf(run.firstExecutionRunId, 'load', 'readings'))?.outcome !== 'running') return false;
      return existsSync(lab.warehouseFile) && statSync(lab.warehouseFile).size > 2_000_000;
    });
    await worker.kill();
    expect(await sql(lab, `SELECT * FROM duckdb_tables() WHERE schema_name = 'raw_shop'`)).toEqual([]);
    worker = await lab.startWorker();
    await run.result();
    expect((await stepOf(run.firstExecutionRunId, 'load', 'readings'))?.attempt).toBe(2);
    expect(await state(lab)).toEqual({ readings: reference['readings'] });
    expect(await leftovers(lab)).toEqual(NOTHING);
  });
});
