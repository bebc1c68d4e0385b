import { once } from 'node:events';
import Table from 'cli-table3';

/** Whether a command has given its document: a failure after that must not add another. */
let given = false;

/** Whether somebody still reads what a stream is given; `| head` stops when it has enough. */
const closed = new Set<NodeJS.WriteStream>();

/** A reader that has gone is no failure: the command does what it was to do, and says no more. */
export function allowClosedOutput(): void {
  for (const stream of [process.stdout, process.stderr])
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
      closed.add(stream);
    });
}

/** With `--json`, a failure is the one JSON document: `{ "error": { "kind", "message" } }`. */
export function failureDocument(error: Error): void {
  if (!given)
    process.stdout.write(
      `${JSON.stringify({ error: { kind: error.name, message: error.message } }, null, 2)}\n`,
    );
}

/** Where a command's words go: one JSON document or people's text on standard output, progress on standard error. */
export class Output {
  readonly #json: boolean;
  #silent = false;
  #farewell: string | undefined;

  constructor(json: boolean) {
    this.#json = json;
  }

  /** What happens meanwhile; silent with `--json`. */
  progress(line: string): void {
    if (!this.#json && !this.#silent) process.stderr.write(`${line}\n`);
  }

  /** What is said last, should the command be given up from now on. */
  farewell(line: string | undefined): void {
    this.#farewell = line;
  }

  /** Says nothing from now on: the command was given up, and what still happens is of no interest. */
  silence(): void {
    if (this.#farewell !== undefined) this.progress(this.#farewell);
    this.#silent = true;
  }

  /** A part of a result that is not held as a whole. @returns false once nobody reads it any more */
  async part(text: string): Promise<boolean> {
    given = true;
    if (closed.has(process.stdout)) return false;
    if (process.stdout.write(text)) return true;
    await once(process.stdout, 'drain').catch(() => undefined); // its error is told above
    return !closed.has(process.stdout);
  }

  /** The command's result, once. */
  result(document: unknown, text: string): void {
    if (this.#silent) return;
    given = true;
    process.stdout.write(`${this.#json ? JSON.stringify(document, null, 2) : text}\n`);
  }
}

/** A plain table: a header, cells left-aligned except where a column says 'right'. */
export function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  right: readonly number[] = [],
): string {
  const plain = new Table({
    head: [...head],
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 2 },
    colAligns: head.map((_, index) => (right.includes(index) ? 'right' : 'left')),
    chars: {
      top: '',
      'top-mid': '',
      'top-left': '',
      'top-right': '',
      bottom: '',
      'bottom-mid': '',
      'bottom-left': '',
      'bottom-right': '',
      left: '',
      'left-mid': '',
      mid: '',
      'mid-mid': '',
      right: '',
      'right-mid': '',
      middle: '',
    },
  });
  plain.push(...rows.map((row) => [...row]));
  return plain
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}

/** `1,234,567` */
export function count(value: number): string {
  return value.toLocaleString('en-US');
}
