/**
 * Does work that is told to stop when its time is over, or by `signal`; its clock ends with it. Node's own `AbortSignal.timeout` holds
 * what began it until its time is over, however soon that ended; and where nothing but an `AbortSignal.any` knows of it, it is collected
 * as garbage and never aborts (https://github.com/nodejs/node/issues/57736).
 * @param work is given the signal to stop by, and the limit's own, which tells whether it was the time
 */
export async function withTimeLimit<T>(
  milliseconds: number,
  signal: AbortSignal,
  work: (stop: AbortSignal, limit: AbortSignal) => Promise<T>,
): Promise<T> {
  const limit = new AbortController();
  const timer = setTimeout(
    () => limit.abort(new DOMException(`It took longer than ${milliseconds} ms.`, 'TimeoutError')),
    milliseconds,
  );
  timer.unref();
  try {
    return await work(AbortSignal.any([signal, limit.signal]), limit.signal);
  } finally {
    clearTimeout(timer);
  }
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
