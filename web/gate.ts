import { Crowded } from './errors.ts';

/** Lets so many do something at once, so many more wait, and refuses the rest: however many ask, what they take is bounded. */
export class Gate {
  readonly #most: number;
  readonly #mostWaiting: number;
  readonly #waiting: (() => void)[] = [];
  #inside = 0;

  constructor(most: number, mostWaiting: number) {
    this.#most = most;
    this.#mostWaiting = mostWaiting;
  }

  /** @throws {Crowded} too many wait */
  async pass<T>(work: () => Promise<T>): Promise<T> {
    if (this.#inside >= this.#most) {
      if (this.#waiting.length >= this.#mostWaiting)
        throw new Crowded('Too many pages are asked for at once. Try again in a moment.');
      await new Promise<void>((resolve) => this.#waiting.push(resolve)); // takes the place of one that leaves
    } else this.#inside += 1;
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#inside -= 1;
    }
  }
}
