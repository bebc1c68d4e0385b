import { Context } from '@temporalio/activity';
import { messageOf, TransientError } from '../core/errors.ts';
import type { Notice } from '../core/notices/notice.ts';
import type { Connectors } from './connectors.ts';

const AT_ONCE = 50;

/**
 * Tells everybody what they want to hear and have not been told: what is put down is told at least once, by whichever worker comes to
 * it. What somebody cannot be told now is kept, and told with the next of this, for a day.
 * @returns what somebody was told of now
 * @throws a failure, when all were tried
 */
export async function tell({
  ledger,
  notify = [],
}: Pick<Connectors, 'ledger' | 'notify'>): Promise<Notice[]> {
  const failures: unknown[] = [];
  const told: Notice[] = [];
  for (const { id, notice, told: already } of await ledger.takeNotices(AT_ONCE)) {
    let isDone = true;
    for (const receiver of notify) {
      if (already.includes(receiver.name) || !receiver.wants(notice)) continue;
      try {
        await receiver.send(notice);
        await ledger.noticeTold(id, receiver.name);
        told.push(notice);
      } catch (error) {
        isDone = false;
        failures.push(error);
        Context.current().log.warn(`Not told yet: ${messageOf(error)}`);
      }
    }
    await ledger.leaveNotice(id, isDone);
  }
  // One that may pass comes first, so that one that never will does not end the attempts.
  failures.sort((a, b) => Number(b instanceof TransientError) - Number(a instanceof TransientError));
  if (failures.length) throw failures[0];
  return told;
}
