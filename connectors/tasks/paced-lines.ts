const WINDOW_MS = 1_000;
const LINES = 1_000; // of a window that are given as they come
const CHARACTERS = 1_000_000; // the same
const LAST = 199; // of the others that are given when it is over: with the line before them as many as the log of a step keeps

/** Gives lines on, however many come: of more than 1,000 within a second only the last ones, after how many were left out. */
export class PacedLines {
  readonly #give: (line: string) => void;
  #given = 0;
  #characters = 0;
  #held: string[] = [];
  #passedOver = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(give: (line: string) => void) {
    this.#give = give;
  }

  take(line: string): void {
    this.#timer ??= setTimeout(() => this.end(), WINDOW_MS);
    if (this.#given < LINES && this.#characters < CHARACTERS) {
      this.#given += 1;
      this.#characters += line.length;
      return this.#give(line);
    }
    this.#held.push(line);
    if (this.#held.length <= LAST) return;
    this.#held.shift();
    this.#passedOver += 1;
  }

  /** Gives what is held. More may come. */
  end(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#passedOver) this.#give(`… ${this.#passedOver} lines left out: more came than a log can take …`);
    for (const line of this.#held) this.#give(line);
    this.#held = [];
    this.#given = this.#characters = this.#passedOver = 0;
  }
}
