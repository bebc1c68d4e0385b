/**
 * Aborts with a `TimeoutError` after so many milliseconds. Node's own `AbortSignal.timeout` is collected as garbage, and never aborts,
 * where nothing but an `AbortSignal.any` knows of it (https://github.com/nodejs/node/issues/57736); one that is listened to stays.
 */
export function timeLimit(milliseconds: number): AbortSignal {
  const signal = AbortSignal.timeout(milliseconds);
  signal.addEventListener('abort', () => undefined, { once: true });
  return signal;
}

/**
 * Settles as `work` does, or with the signal's reason, whichever comes first. The work itself goes on; what it gives after an abort
 * goes to `late`.
 */
export async function orAborted<T>(
  work: Promise<T>,
  signal: AbortSignal,
  late?: (value: T) => void,
): Promise<T> {
  let abort = () => {};
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(signal.reason as Error);
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } catch (reason) {
    if (signal.aborted) work.then(late, () => undefined);
    throw reason;
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
