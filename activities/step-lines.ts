import { Context } from '@temporalio/activity';

const KEPT = 200; // lines
const LONGEST = 1_000; // characters of a line that are kept

/** What an attempt of a step has written: its last lines, each with its time (UTC) before it. */
export class StepLines {
  #lines: string[] = [];
  #changed = false;

  take(line: string, at = new Date()): void {
    const text = line.length > LONGEST ? `${line.slice(0, LONGEST)} …` : line;
    // A NUL is no text to PostgreSQL.
    this.#lines.push(`${at.toISOString().slice(0, 19)}Z ${text.replaceAll('\0', '')}`);
    if (this.#lines.length > KEPT) this.#lines.shift();
    this.#changed = true;
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
export function listenTo(context: Context): StepLines {
  const taken = new StepLines();
  lines.set(context, taken);
  return taken;
}

/** Says something to whoever looks at the step: it goes to the worker's log, and to the step's in the ledger. No secrets, no rows. */
export function say(line: string, level: 'info' | 'warn' = 'info'): void {
  const context = Context.current();
  lines.get(context)?.take(line);
  context.log[level](line);
}
