import { beforeAll, describe, expect, it } from 'vitest';
import type { ResolvedPipeline } from '../core/pipeline.ts';
import type { SkippedStep } from '../core/run.ts';
import { aRun, march, shop } from '../connectors/ledger/postgres/fixtures.ts';
import { useLedger } from '../connectors/ledger/postgres/harness.ts';
import type { PostgresLedger } from '../connectors/ledger/postgres/ledger.ts';
import { notDoneYet } from './interval-done.ts';

const own = useLedger('interval_done');
let ledger: PostgresLedger;
beforeAll(() => {
  ledger = own.ledger();
});

const modelled = { ...shop, transform: { dbt: { select: 'tag:shop' } } };
const lacking = (definition: ResolvedPipeline = modelled) => notDoneYet(ledger, definition, march(1));
const run = async (runId: string, skipped: readonly SkippedStep[] = [], input = {}) => {
  const fresh = aRun(runId, march(1));
  await ledger.openRun({ ...fresh, definition: modelled, input: { ...fresh.input, ...input } });
  for (const table of ['orders', 'clicks']) {
    await ledger.startStep(runId, 'load', table, 1);
    await ledger.finishStep(runId, 'load', table, 1, { result: {}, rows: 1, bytes: 1 });
  }
  await ledger.closeRun(runId, 'succeeded', null, skipped);
};

describe('an interval of a pipeline with models', () => {
  it('is not done by a run that left them out, be it by its input or because a step was skipped', async () => {
    await run('asked', [], { skip: ['transform'] });
    await run('skipped', [{ step: 'transform', table: null, reason: 'skipped by anna: not today' }]);
    expect(await lacking()).toBe('no run of shop has succeeded with its models over 2024-03-01Z/2024-03-02Z');
    expect(await lacking({ ...modelled, transform: undefined })).toBeUndefined();
  });

  it('is done by one that built them, or took them from an earlier run', async () => {
    // A step that is reused is not recorded again.
    await run('rerun');
    expect(await lacking()).toBeUndefined();
  });
});
