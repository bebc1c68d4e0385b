import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { closeGate, lockTable, untilBlocked } from './holder.ts';
import { day, Lab } from './lab.ts';
import { GATE, SMALL } from './shop.ts';
import { leftovers, NOTHING, state } from './state.ts';

const DAY = day('2024-03-04');
const TABLES = [...SMALL, 'parcels'];
let lab: Lab;
let reference: Record<string, unknown>;

beforeAll(async () => {
  lab = await Lab.open();
  await lab.startWorker();
  await (await lab.run({ interval: DAY, tables: TABLES })).result();
  reference = await state(lab);
});
afterAll(() => lab.close());
beforeEach(() => lab.empty());

describe('a restart in the middle of a run', { timeout: 120_000 }, () => {
  it('of Temporal: the run goes on where it was', async () => {
    const unlock = await lockTable(lab, 'shop.visits');
    const run = await lab.run({ interval: DAY, tables: TABLES });
    await untilBlocked(lab);
    await lab.restartTemporal(unlock);
    await run.result();
    expect(await state(lab)).toEqual(reference);
    expect(await leftovers(lab)).toEqual(NOTHING);
  });

  it('of the source, while rows flow: they are read again from a new snapshot', async () => {
    await closeGate(lab, GATE); // opened by the restart, which ends its session
    const run = await lab.run({ interval: DAY, tables: TABLES });
    await untilBlocked(lab);
    await lab.restartPostgres();
    await run.result();
    const steps = await lab.session.ledger.steps([run.firstExecutionRunId]);
    const extract = steps.find(({ step, table }) => step === 'extract' && table === 'parcels');
    expect(extract).toMatchObject({ outcome: 'succeeded', error: null });
    expect(extract?.attempt).toBeGreaterThan(1);
    expect(await state(lab)).toEqual(reference);
    expect(await leftovers(lab)).toEqual(NOTHING);
  });
});
