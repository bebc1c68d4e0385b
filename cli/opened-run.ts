import { setTimeout as delay } from 'node:timers/promises';
import type { Output } from './output.ts';
import type { Session } from './session.ts';
import type { RunHandle } from '../operations/start-run.ts';
import { failureOf } from './follow-run.ts';
import { sayWhereOlder } from './older-definition.ts';

const POLL_MS = 200;
const PATIENCE_MS = 10_000;

/**
 * Waits until a worker has opened a run, for as long as that takes where one is there at all. Says when none has in that time, and when
 * the worker had another definition of the pipeline than this command.
 * @throws the run's failure, where it is refused
 */
export async function untilOpened(
  session: Pick<Session, 'ledger'>,
  handle: RunHandle,
  output: Output,
): Promise<void> {
  const ended = handle.result().then(
    () => true,
    (error: unknown) => {
      throw failureOf(error, handle.workflowId);
    },
  );
  ended.catch(() => undefined);
  for (const until = Date.now() + PATIENCE_MS; Date.now() < until;) {
    if (await sayWhereOlder(session, handle, output)) return;
    if (await Promise.race([ended, delay(POLL_MS, false, { ref: false })])) return;
  }
  output.progress(
    `no worker has begun with it yet; it waits in the queue. 'sluice worker' starts one where none runs.`,
  );
}
