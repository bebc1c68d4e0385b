import { log, setCurrentDetails, sleep } from '@temporalio/workflow';
import type { Broken } from '../activities/mended.ts';
import { runFailed } from './failures.ts';

const LOOK_MS = 15_000;
const LOOKS = 120; // half an hour

/**
 * Asks until the definition holds that the answer is made from; says meanwhile why there is none.
 * @throws after half an hour, with what is wrong with it
 */
export async function untilMended<T extends object>(ask: () => Promise<T | Broken>): Promise<T> {
  for (let looks = 1; ; looks += 1) {
    const answer = await ask();
    if (!('broken' in answer)) return answer;
    if (looks > LOOKS)
      throw runFailed(
        'PipelineBroken',
        `${answer.broken}\nIt was waited for for half an hour. Mend it, then start this again.`,
      );
    setCurrentDetails(`${answer.broken}\nWaiting for it to be mended.`);
    if (looks === 1) log.info(`${answer.broken} Waiting for it to be mended.`);
    await sleep(LOOK_MS);
  }
}
