import { setTimeout as delay } from 'node:timers/promises';
import type { RunHandle } from '../operations/start-run.ts';
import { failureOf } from './follow-run.ts';
import { sayWhereOlder } from './older-definition.ts';
import type { Output } from './output.ts';
import type { Session } from './session.ts';
import { WaitsForInterval } from './waiting.ts';

const POLL_MS = 200;
const PATIENCE_MS = 10_000;

/**
 * Waits some seconds for a worker to open a run. Says for what it waits, where it does; that no worker has begun with it, where none has;
 * and when the worker had another definition of the pipeline than this command.
 * @throws the run's failure, where it is refused
 */
export async function untilOpened(session: Session, handle: RunHandle, output: Output): Promise<void> {
  const ended = handle.result().then(
    () => true,
    (error: unknown) => {
      throw failureOf(error, handle.workflowId);
    },
  );
  ended.catch(() => undefined);
  const waits = new WaitsForInterval(output);
  for (const until = Date.now() + PATIENCE_MS; Date.now() < until;) {
    if (await sayWhereOlder(session, handle, output)) return;
    void waits.look(handle);
    if (await Promise.race([ended, delay(POLL_MS, false, { ref: false })])) return;
  }
  const { raw } = await session.temporal.workflow.getHandle(handle.workflowId).describe();
  if (raw.pendingWorkflowTask)
    output.progress(
      `no worker has begun with it yet; it waits in the queue. 'sluice worker' starts one where none runs.`,
    );
}
