import { setTimeout as pause } from 'node:timers/promises';
import { TerminalError, messageOf } from '../core/errors.ts';
import { stepKey } from '../core/run.ts';
import type { StepLog } from '../activities/connectors.ts';

/** How long a step waits for its line to be written before it goes on without. Milliseconds. */
const HOLD_UP = 2_000;
const FIRST_PAUSE = 500; // milliseconds, doubled each time
const LONGEST_PAUSE = 30_000; // milliseconds
/** After so long a line is given up, in milliseconds (6 hours); closing the run writes what the run itself knows. */
const KEPT_FOR = 6 * 3_600_000;

/**
 * Writes what steps do to the ledger without holding them up: a line that cannot be written is tried again behind their back, the lines of
 * one step in their order. What is lost with the worker is made good when the run is closed, from what Temporal knows.
 */
export class StepJournal implements StepLog {
  readonly #ledger: StepLog;
  readonly #onTrouble: (step: string, error: string) => void;
  readonly #lines = new Map<string, Promise<void>>();
  readonly #closing = new AbortController();

  constructor(ledger: StepLog, onTrouble: (step: string, error: string) => void) {
    this.#ledger = ledger;
    this.#onTrouble = onTrouble;
  }

  startStep(...line: Parameters<StepLog['startStep']>): Promise<void> {
    const [runId, step, table] = line;
    return this.#write(`${runId} ${stepKey(step, table)}`, () => this.#ledger.startStep(...line));
  }

  finishStep(...line: Parameters<StepLog['finishStep']>): Promise<void> {
    const [runId, step, table] = line;
    return this.#write(`${runId} ${stepKey(step, table)}`, () => this.#ledger.finishStep(...line));
  }

  writeLog(...line: Parameters<StepLog['writeLog']>): Promise<void> {
    const [runId, step, table] = line;
    return this.#write(`${runId} ${stepKey(step, table)}`, () => this.#ledger.writeLog(...line));
  }

  addToLog(...line: Parameters<StepLog['addToLog']>): Promise<void> {
    const [runId, step, table] = line;
    return this.#write(`${runId} ${stepKey(step, table)}`, () => this.#ledger.addToLog(...line));
  }

  /** Tries every line that waits once more, now, and takes no longer than `HOLD_UP`. */
  async close(): Promise<void> {
    this.#closing.abort();
    await orSoon(Promise.all(this.#lines.values()));
  }

  async #write(step: string, write: () => Promise<void>): Promise<void> {
    const before = this.#lines.get(step) ?? Promise.resolve();
    const written = before.then(() => this.#untilWritten(step, write));
    this.#lines.set(step, written);
    void written.then(() => {
      if (this.#lines.get(step) === written) this.#lines.delete(step);
    });
    await orSoon(written);
  }

  async #untilWritten(step: string, write: () => Promise<void>): Promise<void> {
    const began = Date.now();
    for (let wait = FIRST_PAUSE; ; wait = Math.min(wait * 2, LONGEST_PAUSE)) {
      const last = this.#closing.signal.aborted || Date.now() - began > KEPT_FOR;
      try {
        await write();
        return;
      } catch (error) {
        this.#onTrouble(step, messageOf(error));
        if (last || error instanceof TerminalError) return;
        await pause(wait, undefined, { ref: false, signal: this.#closing.signal }).catch(() => undefined);
      }
    }
  }
}

async function orSoon(work: Promise<unknown>): Promise<void> {
  const enough = new AbortController();
  await Promise.race([work, pause(HOLD_UP, undefined, { signal: enough.signal }).catch(() => undefined)]);
  enough.abort();
}
