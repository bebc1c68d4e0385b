/** What an operation needs of the file: to read, to write, or that nobody of this process has it open. */
export type Turn = 'read' | 'write' | 'alone';

interface Waiting {
  readonly turn: Turn;
  readonly start: () => void;
}

/**
 * Who may use a warehouse file when, within this process. One writer at a time; readers run beside each other and beside a writer,
 * but while the file is open for reading only, a writer waits for them. `alone` waits for all and holds all back.
 * First come, first served, but that readers pass writers which wait for another writer.
 */
export class Turns {
  #readers = 0;
  #writing = false;
  #alone = false;
  #writable = false;
  readonly #queue: Waiting[] = [];

  /** Whether the file is to be opened for writing: true once a writer had a turn, until nobody has one. */
  get writable(): boolean {
    return this.#writable;
  }

  /** Whether exactly one has a turn. */
  get single(): boolean {
    return this.#taken === 1;
  }

  get #taken(): number {
    return this.#readers + Number(this.#writing) + Number(this.#alone);
  }

  /** Waits for a turn. @returns what ends it; call it once. @throws the signal's reason when aborted while waiting */
  async take(turn: Turn, signal?: AbortSignal): Promise<() => void> {
    signal?.throwIfAborted();
    await new Promise<void>((resolve, reject) => {
      const abort = () => {
        this.#queue.splice(this.#queue.indexOf(waiting), 1);
        reject(signal?.reason as Error);
        this.#next();
      };
      const waiting: Waiting = {
        turn,
        start: () => {
          signal?.removeEventListener('abort', abort);
          resolve();
        },
      };
      signal?.addEventListener('abort', abort, { once: true });
      this.#queue.push(waiting);
      this.#next();
    });
    return () => {
      if (turn === 'read') this.#readers--;
      else if (turn === 'write') this.#writing = false;
      else this.#alone = false;
      if (!this.#taken) this.#writable = false;
      this.#next();
    };
  }

  #next(): void {
    for (let at = 0; at < this.#queue.length;) {
      const waiting = this.#queue[at];
      if (!waiting || !this.#mayStart(waiting.turn, this.#queue.slice(0, at))) {
        at++;
        continue;
      }
      this.#queue.splice(at, 1);
      if (waiting.turn === 'read') this.#readers++;
      else if (waiting.turn === 'write') this.#writing = this.#writable = true;
      else this.#alone = true;
      waiting.start();
    }
  }

  #mayStart(turn: Turn, before: readonly Waiting[]): boolean {
    if (this.#alone) return false;
    if (turn === 'alone') return !this.#taken && !before.length;
    if (before.some((waiting) => waiting.turn === 'alone')) return false;
    if (turn === 'read') return this.#writable || !before.length;
    return !this.#writing && (this.#writable || !this.#readers) && !before.length;
  }
}
