import { Context } from '@temporalio/activity';
import { TransientError } from '../core/errors.ts';
import { reportNow } from './heartbeat.ts';

/**
 * Does each piece of work once over all attempts of an activity: the names of those done are kept in its heartbeat. A piece that
 * fails does not hold the others up.
 * @throws a failure, when all pieces were tried
 */
export async function eachOnce(pieces: Readonly<Record<string, () => Promise<void>>>): Promise<void> {
  const context = Context.current();
  const done = new Set(context.info.heartbeatDetails as string[] | undefined);
  const failures: unknown[] = [];
  for (const [name, work] of Object.entries(pieces)) {
    if (done.has(name)) continue;
    try {
      await work();
      done.add(name);
      reportNow([...done]);
    } catch (error) {
      failures.push(error);
    }
  }
  // One that may pass comes first, so that a piece that never will does not end the attempts of another.
  failures.sort((a, b) => Number(b instanceof TransientError) - Number(a instanceof TransientError));
  if (failures.length) throw failures[0];
}
