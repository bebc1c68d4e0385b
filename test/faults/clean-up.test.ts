import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Connectors } from '../../activities/connectors.ts';
import type { Lake } from '../../connectors/lake/port.ts';
import { day, Lab } from './lab.ts';
import { openConnectors, startOwnWorker, type OwnWorker } from './own-worker.ts';

let lab: Lab;
let connectors: Connectors;
let worker: OwnWorker;

beforeAll(async () => {
  lab = await Lab.open((profile) => {
    const { shop } = profile.connections;
    if (!shop) throw new Error('The lab has no source');
    return { ...profile, connections: { ...profile.connections, canary: shop } };
  });
  connectors = await openConnectors(lab.profile, lab.session.ledger);
  worker = await startOwnWorker(lab.profile, { ...connectors, lake: busy(connectors.lake) });
});
afterAll(async () => {
  await worker.stop();
  await (await connectors.source('canary')).close();
  await connectors.warehouse.close();
  await lab.close();
});

/** A lake whose folders cannot be removed. */
function busy(lake: Lake): Lake {
  const open = async (...place: Parameters<Lake['open']>) => {
    const load = await lake.open(...place);
    return {
      directory: load.directory,
      commit: load.commit.bind(load),
      abort: async () => {
        await load.abort();
        throw new Error('EBUSY: resource busy or locked, rmdir');
      },
    };
  };
  return new Proxy(lake, {
    get: (real, name) => {
      const value: unknown = name === 'open' ? open : Reflect.get(real, name);
      return typeof value === 'function' ? (value.bind(real) as unknown) : value;
    },
  });
}

it(
  'an extraction that fails tells why, also where what it left cannot be removed',
  { timeout: 120_000 },
  async () => {
    await lab.source.query('ALTER TABLE shop.prices RENAME TO prices_of_before');
    const run = await lab.run({ pipeline: 'shop_canary', interval: day('2024-03-02'), tables: ['prices'] });
    await expect(run.result()).rejects.toThrow();
    const [step] = (await lab.session.ledger.steps([run.firstExecutionRunId])).filter(
      ({ step, table }) => step === 'extract' && table === 'prices',
    );
    expect(step).toMatchObject({
      outcome: 'failed',
      error: expect.stringMatching(
        /prices.* is not in the database.*\(Cleaning up failed too: EBUSY/s,
      ) as string,
    });
  },
);
