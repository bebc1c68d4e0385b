import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { followRun } from '../../cli/follow-run.ts';
import { Output } from '../../cli/output.ts';
import { openGate, type Gate } from '../setup/gate.ts';
import { openLedger } from '../../profiles/open.ts';
import type { PostgresLedger } from '../../connectors/ledger/postgres/ledger.ts';
import { lockTable, untilBlocked } from './holder.ts';
import { day, Lab } from './lab.ts';
import { openConnectors, startOwnWorker, type OwnWorker } from './own-worker.ts';
import { eventually } from './wait.ts';

const DAY = day('2024-03-02');
let lab: Lab;
/** The worker's ways to the ledger and to the source. */
let toLedger: Gate;
let toSource: Gate;
let ledger: PostgresLedger;
let connectors: Awaited<ReturnType<typeof openConnectors>>;
let worker: OwnWorker;

beforeAll(async () => {
  lab = await Lab.open();
  const { shop } = lab.profile.connections;
  if (shop?.type !== 'postgres') throw new Error('The lab has no source');
  [toLedger, toSource] = await Promise.all([openGate(lab.profile.ledger), openGate(shop)]);
  const profile = {
    ...lab.profile,
    ledger: { ...lab.profile.ledger, port: toLedger.port },
    connections: { shop: { ...shop, port: toSource.port } },
  };
  ledger = await openLedger(profile);
  connectors = await openConnectors(profile, ledger);
  worker = await startOwnWorker(profile, connectors);
});
afterAll(async () => {
  await worker.stop();
  await (await connectors.source('shop')).close();
  await connectors.warehouse.close();
  await ledger.close();
  await lab.close();
  await Promise.all([toLedger.close(), toSource.close()]);
});
beforeEach(() => lab.forget());

describe('somebody who is away', { timeout: 120_000 }, () => {
  it('is the ledger: steps go on without it and are done once; it has them all when it is back', async () => {
    const unlock = await lockTable(lab, 'shop.orders');
    const run = await lab.run({ interval: DAY, tables: ['orders', 'prices'] });
    await untilBlocked(lab);
    await toLedger.cut();
    await unlock();
    await eventually(
      'the last step to try again',
      async () => {
        const { raw } = await run.describe();
        return raw.pendingActivities?.some(
          ({ activityType, attempt }) => activityType?.name === 'publish' && (attempt ?? 0) > 2,
        );
      },
      60_000,
    );
    await toLedger.open();
    await run.result();
    const steps = await lab.session.ledger.steps([run.firstExecutionRunId]);
    expect(steps.map(({ step, table, outcome }) => [step, table, outcome].join(' ')).sort()).toEqual([
      'check  succeeded',
      'extract orders succeeded',
      'extract prices succeeded',
      'load orders succeeded',
      'load prices succeeded',
      'publish  succeeded',
    ]);
    const repeated = steps.filter(({ step, attempt }) => step !== 'publish' && attempt > 1);
    expect(repeated).toEqual([]);
    expect(steps.filter(({ step }) => step === 'load').map(({ rows }) => rows)).toEqual(
      expect.arrayContaining([100, 50]),
    );
  });

  it('is the source: it is waited for by the clock, not by the number of attempts', async () => {
    await toSource.cut();
    const run = await lab.run({ pipeline: 'shop_patient', interval: DAY });
    const said: string[] = [];
    const output = Object.assign(new Output(false), { progress: (line: string) => said.push(line) });
    const followed = followRun(lab.session, run, output);
    await eventually(
      'an attempt past those that the pipeline has',
      async () => {
        const { raw } = await run.describe();
        return raw.pendingActivities?.some(({ attempt }) => (attempt ?? 0) > 2);
      },
      60_000,
    );
    // Whoever follows the run is told why it is not getting on.
    expect(said.join('\n')).toMatch(/✗ extract .*\n {6}Table shop.prices of source 'shop' .*ECONNREFUSED/);
    await toSource.open();
    await followed;
    expect(await lab.session.ledger.runs({ id: run.firstExecutionRunId })).toMatchObject([
      { outcome: 'succeeded' },
    ]);
  });
});
