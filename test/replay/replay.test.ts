import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { DeterminismViolationError } from '@temporalio/workflow';
import { bundleWorkflowCode, Worker, type WorkflowBundleWithSourceMap } from '@temporalio/worker';
import { beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { WORKFLOWS } from '../../worker/workflow-code.ts';

const FOLDER = join(import.meta.dirname, '..', 'histories');
const names = readdirSync(FOLDER).map((file) => file.replace('.json.gz', ''));
const historyOf = (name: string): unknown =>
  JSON.parse(gunzipSync(readFileSync(join(FOLDER, `${name}.json.gz`))).toString());
const started = z.object({
  events: z.array(
    z.object({ workflowExecutionStartedEventAttributes: z.object({ workflowId: z.string() }).optional() }),
  ),
});
/** Children are named after the workflow's own id, so a replay needs the one that was recorded. */
const idOf = (history: unknown): string | undefined =>
  started.parse(history).events[0]?.workflowExecutionStartedEventAttributes?.workflowId;

const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };
const logger = { ...quiet, trace: quiet.info, debug: quiet.info, log: quiet.info };
const bundled = (workflowsPath: string) => bundleWorkflowCode({ workflowsPath, logger });
const replay = (workflowBundle: WorkflowBundleWithSourceMap, name: string) => {
  const history = historyOf(name);
  return Worker.runReplayHistory({ workflowBundle }, history, idOf(history));
};

describe("today's workflows", () => {
  let bundle: WorkflowBundleWithSourceMap;
  beforeAll(async () => {
    bundle = await bundled(WORKFLOWS);
  });

  it('are held against every situation that was recorded', () => {
    expect(names).toEqual([
      'backfill-continued',
      'backfill-in-turn',
      'backfill-with-pause',
      'cancelled-run',
      'elements-in-a-pool',
      'failing-table',
      'happy-run',
      'polled-files',
      'reported-failure',
      'rerun-with-resume',
      'retried-attempt',
      'skipped-steps',
      'steps-that-wait',
      'wait-in-vain',
    ]);
  });

  it.each(names)('take up a run in flight where they find it: %s', async (name) => {
    await replay(bundle, name);
  });
});

describe('a workflow whose steps were put in another order', () => {
  it('is caught', async () => {
    const bundle = await bundled(join(import.meta.dirname, 'reordered.fixture.ts'));
    await expect(replay(bundle, 'happy-run')).rejects.toThrow(DeterminismViolationError);
  });
});

describe('a recorded history', () => {
  it.each(names)('is small and names no machine: %s', (name) => {
    expect(statSync(join(FOLDER, `${name}.json.gz`)).size).toBeLessThan(60_000);
    const decoded = JSON.stringify(historyOf(name), (key, value: unknown) =>
      key === 'data' && typeof value === 'string' ? Buffer.from(value, 'base64').toString() : value,
    );
    expect(/\/tmp\/|\/home\/|\/root\/|\d+@|node_modules/.exec(decoded)).toBeNull();
  });
});
