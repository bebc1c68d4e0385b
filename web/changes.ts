import { setTimeout as delay } from 'node:timers/promises';

const LOOK_MS = 1_000;

/**
 * Watches a text that changes with what pages show, for as long as somebody listens: one look a second, however many do.
 * While it cannot be had, that is one change, and its return another.
 */
export class Changes {
  readonly #look: () => Promise<string>;
  readonly #listeners = new Set<() => void>();
  readonly #end = new AbortController();
  #watching = false;

  constructor(look: () => Promise<string>) {
    this.#look = look;
  }

  get listeners(): number {
    return this.#listeners.size;
  }

  /** @returns what ends it */
  listen(changed: () => void): () => void {
    this.#listeners.add(changed);
    if (!this.#watching) void this.#watch();
    return () => this.#listeners.delete(changed);
  }

  close(): void {
    this.#end.abort();
    this.#listeners.clear();
  }

  async #watch(): Promise<void> {
    this.#watching = true;
    let last: string | undefined;
    for (let first = true; this.#listeners.size; first = false) {
      const now = await this.#look().catch(() => 'away');
      if (!first && now !== last) for (const changed of this.#listeners) changed();
      last = now;
      await delay(LOOK_MS, undefined, { signal: this.#end.signal }).catch(() => undefined);
    }
    this.#watching = false;
  }
}
