import { expect } from 'vitest';
import { resolveAll } from '../../core/registry.ts';
import { startRun } from '../../operations/start-run.ts';
import { openConnectors, startOwnWorker } from '../faults/own-worker.ts';
import type { TestStack } from './stack.ts';

const registry = resolveAll([
  {
    name: 'contained',
    description: 'A container that the profile says where to run',
    schedule: 'manual',
    start: '2024-01-01',
    tasks: {
      count: {
        container: {
          image: 'us/counter:1',
          command: [
            'sh',
            '-c',
            `echo counting; echo "{\\"of\\": \\"$SLUICE_INTERVAL_START\\"}" > "$SLUICE_OUTPUT"`,
          ],
        },
      },
    },
  },
]);

/** Runs a pipeline that is one container, with the profile's own runner, and looks at what became of it. */
export async function expectContainerToRun({ session }: TestStack): Promise<void> {
  const profile = {
    ...session.profile,
    temporal: { ...session.profile.temporal, taskQueue: 'contained' },
  };
  const connectors = { ...(await openConnectors(profile, session.ledger)), registry };
  const worker = await startOwnWorker(profile, connectors);
  try {
    const run = await startRun({ ...session, profile }, registry, {
      pipeline: 'contained',
      interval: '2024-01-01/2024-01-02',
    });
    await run.result();
    const runId = run.firstExecutionRunId;
    const [step] = (await session.ledger.steps([runId])).filter(({ table }) => table === 'count');
    expect(step).toMatchObject({ outcome: 'succeeded', result: { output: { of: '2024-01-01T00:00:00Z' } } });
    const attempts = await session.ledger.attempts(runId);
    expect(attempts.find(({ table }) => table === 'count')?.log.join('\n')).toMatch(/counting$/m);
  } finally {
    await worker.stop();
    await connectors.warehouse.close();
  }
}
