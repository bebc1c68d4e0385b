import { randomBytes } from 'node:crypto';
import { Context } from '@temporalio/activity';

/** Unique per attempt; sorts by the time at which the server scheduled the attempt, whichever worker runs it. */
export function newLoadId(): string {
  const scheduled = new Date(Context.current().info.currentAttemptScheduledTimestampMs);
  const time = scheduled.toISOString().replace(/[-:.]/g, '').replace('T', 't').replace('Z', '');
  return `${time}-${randomBytes(4).toString('hex')}`;
}
