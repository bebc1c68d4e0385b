import { expect, it } from 'vitest';
import { readRegistry } from '../core/registry.ts';
import type { Connectors } from './connectors.ts';
import { openBackfill } from './open-backfill.ts';
import { openRun } from './open-run.ts';

const registry = readRegistry([{ file: 'pipelines/shop.ts', failure: 'line 3: half a word' }]);

it('of a definition that does not hold nothing is opened, and what is wrong with it is said', async () => {
  const connectors = { registry } as Connectors;
  const run = await openRun(connectors, {
    input: { pipeline: 'shop' },
    workflowId: 'w',
    runId: 'r',
    nominalTime: '2026-01-02T00:00:00Z',
  });
  const range = { pipeline: 'shop', from: '2026-01-01', to: '2026-01-02' };
  const backfill = await openBackfill(connectors, 'b', 'e', range, '2026-01-03T00:00:00Z');
  for (const answer of [run, backfill])
    expect(answer).toEqual({ broken: expect.stringMatching(/pipelines\/shop\.ts[^]*half a word/) as string });
});
