import { setTimeout as delay } from 'node:timers/promises';

const POLL_MS = 20;

/** Waits until `probe` gives something, and returns it. Fails naming `what` was waited for. */
export async function eventually<T>(
  what: string,
  probe: () => Promise<T | undefined | false | null> | T | undefined | false | null,
  timeoutMs = 90_000,
): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const found = await probe();
    if (found !== undefined && found !== false && found !== null) return found;
    if (performance.now() > deadline) throw new Error(`Waited ${timeoutMs / 1000} s in vain for: ${what}.`);
    await delay(POLL_MS);
  }
}
