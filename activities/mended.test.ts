import { expect, it } from 'vitest';
import { Unreachable } from '../core/errors.ts';
import { readRegistry } from '../core/registry.ts';
import type { Connectors } from './connectors.ts';
import { openBackfill } from './open-backfill.ts';
import { openRun } from './open-run.ts';

const registry = readRegistry([{ file: 'pipelines/shop.ts', failure: 'line 3: half a word' }]);

it('what was started of a definition that does not hold waits until it does', async () => {
  const connectors = { registry } as Connectors;
  const run = openRun(connectors, {
    input: { pipeline: 'shop' },
    workflowId: 'w',
    runId: 'r',
    nominalTime: '2026-01-02T00:00:00Z',
  });
  const range = { pipeline: 'shop', from: '2026-01-01', to: '2026-01-02' };
  const backfill = openBackfill(connectors, 'b', 'e', range, '2026-01-03T00:00:00Z');
  for (const refused of [run, backfill]) {
    await expect(refused).rejects.toBeInstanceOf(Unreachable);
    await expect(refused).rejects.toThrow(/pipelines\/shop\.ts[^]*half a word[^]*waits until that is mended/);
  }
});
