const SOON_MS = 15_000;
const SOON = 20; // looks, the first five minutes
const LATER_MS = 60_000; // each look is five events of a history, which must stay far below 50,000
const MOST_MS = 24 * 3_600_000;

/** How long a run that waits for its interval waits before its `n`-th look, counted from 1, in milliseconds; undefined once it has waited a day. */
export function pauseBeforeLook(n: number): number | undefined {
  if (n <= SOON) return SOON_MS;
  return SOON * SOON_MS + (n - SOON) * LATER_MS <= MOST_MS ? LATER_MS : undefined;
}
