import { PacedLines } from './paced-lines.ts';

const LINE_LIMIT = 4_000; // characters of a line that are kept
const TAIL = 20; // lines that a failure shows

/** What a task writes: without secrets, no more than a log can take, its last lines at hand for a failure. */
export class TaskLog {
  readonly #lines: PacedLines;
  readonly #tail: string[] = [];

  /** @param masked takes secrets out of a text */
  constructor(masked: (text: string) => string, onLine: (line: string) => void) {
    this.#lines = new PacedLines((line) => {
      const text = masked(line);
      const kept = text.length > LINE_LIMIT ? `${text.slice(0, LINE_LIMIT)} …` : text;
      if (this.#tail.push(kept) > TAIL) this.#tail.shift();
      onLine(kept);
    });
  }

  readonly take = (line: string): void => this.#lines.take(line);

  /** To be called when nothing more comes, before the last lines are asked for. */
  end(): void {
    this.#lines.end();
  }

  get lastLine(): string | undefined {
    return this.#tail.at(-1);
  }

  /** For the end of a message; empty where it wrote nothing. */
  get lastLines(): string {
    return this.#tail.length ? `\nIts last lines:\n${this.#tail.join('\n')}` : '';
  }
}
