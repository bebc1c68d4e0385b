import { messageOf } from './errors.ts';

/** Does `work`, then cleans up, whatever became of it. A failure of the work stays the one that is told; one of the clean-up comes with it. */
export async function thenCleanUp<T>(work: () => Promise<T>, cleanUp: () => unknown): Promise<T> {
  const result = await orCleanUp(work, cleanUp);
  await cleanUp();
  return result;
}

/** Does `work`, and cleans up only where it fails. As `thenCleanUp` otherwise. */
export async function orCleanUp<T>(work: () => Promise<T>, cleanUp: () => unknown): Promise<T> {
  try {
    return await work();
  } catch (failure) {
    try {
      await cleanUp();
    } catch (another) {
      if (failure instanceof Error) failure.message += ` (Cleaning up failed too: ${messageOf(another)})`;
    }
    throw failure;
  }
}
