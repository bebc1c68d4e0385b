import { Context } from '@temporalio/activity';

const KEPT = 200; // lines
const LONGEST = 1_000; // characters of a line that are kept

/** What an attempt of a step has written: its last lines, each with its time (UTC) before it. */
export class StepLines {
  readonly #masked: (text: string) => string;
  #lines: string[] = [];
  #changed = false;

  /** @param masked takes secrets out of a text */
  constructor(masked: (text: string) => string = (text) => text) {
    this.#masked = masked;
  }

  /** @returns the line as it may be told */
  take(said: string, at = new Date()): string {
    const line = this.#masked(said);
    const text = line.length > LONGEST ? `${line.slice(0, LONGEST)} …` : line;
    // A NUL is no text to PostgreSQL.
    this.#lines.push(`${at.toISOString().slice(0, 19)}Z ${text.replaceAll('\0', '')}`);
    if (this.#lines.length > KEPT) this.#lines.shift();
    this.#changed = true;
    return line;
  }

  /** The lines, if there are new ones since they were last asked for. */
  news(): readonly string[] | undefined {
    if (!this.#changed) return undefined;
    this.#changed = false;
    return [...this.#lines];
  }
}

const lines = new WeakMap<Context, StepLines>();

/** Has what the activity says from here on put down. */
export function listenTo(context: Context, masked: (text: string) => string): StepLines {
  const taken = new StepLines(masked);
  lines.set(context, taken);
  return taken;
}

/**
 * Says something to whoever looks at the step: it goes to the worker's log, and to the step's in the ledger, both without secrets. No rows.
 * @returns what was said
 */
export function say(line: string, level: 'info' | 'warn' = 'info'): string {
  const context = Context.current();
  const said = lines.get(context)?.take(line) ?? line;
  context.log[level](said);
  return said;
}
