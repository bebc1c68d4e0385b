import { TransientError } from '../core/errors.ts';
import type { Notice } from '../core/notices/notice.ts';
import type { Connectors } from './connectors.ts';

const AT_ONCE = 50;
/** What a run's end tells by itself: what is older is the watch's to tell. */
const JUST_NOW = '15 minutes';

/**
 * Tells everybody what they want to hear and have not been told, each by itself: one who cannot be told keeps it from no other, and is
 * not asked again before the next of this. What is put down is told at least once, by whichever worker comes to it, within a day.
 * @param pipeline what was put down of it just now, and nothing else
 * @returns what somebody was told of now
 * @throws a failure, when all were tried
 */
export async function tell(
  { ledger, notify = [] }: Pick<Connectors, 'ledger' | 'notify'>,
  pipeline?: string,
): Promise<Notice[]> {
  const about = pipeline === undefined ? undefined : ({ pipeline, within: JUST_NOW } as const);
  const failures: unknown[] = [];
  const told: Notice[] = [];
  for (const receiver of notify) {
    for (let n = 0; n < AT_ONCE; n += 1) {
      const taken = await ledger.takeNotice(receiver.name, about);
      if (!taken) break;
      const { id, notice } = taken;
      try {
        if (receiver.wants(notice)) {
          await receiver.send(notice);
          told.push(notice);
        }
        await ledger.leaveNotice(id, receiver.name);
      } catch (error) {
        failures.push(error);
        await ledger.leaveNotice(id, null);
        break;
      }
    }
  }
  // One that may pass comes first, so that one that never will does not end the attempts.
  failures.sort((a, b) => Number(b instanceof TransientError) - Number(a instanceof TransientError));
  if (failures.length) throw failures[0];
  return told;
}
