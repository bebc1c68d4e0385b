import type { Readable } from 'node:stream';
import { readPaced } from './paced.ts';

/** Characters of a line that are kept; dbt's own are some thousands. What is longer is cut, and its rest passed over. */
const LONGEST = 1_000_000;

/** Takes text in pieces, and gives it line by line. However long a line is, no more of it than `LONGEST` is held. */
export class Lines {
  readonly #give: (line: string) => void;
  #held = '';
  #isCut = false;

  constructor(give: (line: string) => void) {
    this.#give = give;
  }

  /** All of a stream, to its end. */
  readFrom(stream: Readable): void {
    readPaced<string>(stream.setEncoding('utf8'), (text) => this.take(text));
    stream.on('close', () => this.end());
  }

  take(text: string): void {
    let from = 0;
    for (let to = text.indexOf('\n'); to >= 0; to = text.indexOf('\n', from)) {
      this.#hold(text.slice(from, to));
      this.#line();
      from = to + 1;
    }
    this.#hold(text.slice(from));
  }

  /** A last line need not be ended. */
  end(): void {
    if (this.#held) this.#line();
  }

  #hold(part: string): void {
    if (this.#isCut) return;
    this.#held += part;
    if (this.#held.length <= LONGEST) return;
    this.#held = `${this.#held.slice(0, LONGEST)} …`;
    this.#isCut = true;
  }

  #line(): void {
    const line = this.#held.endsWith('\r') ? this.#held.slice(0, -1) : this.#held;
    this.#held = '';
    this.#isCut = false;
    this.#give(line);
  }
}
