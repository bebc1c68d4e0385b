import type { Client } from '@temporalio/client';

import { pauses, type Pauses } from '../operations/pauses.ts';

const KEPT_MS = 2_000; // a page that is looked at by many asks Temporal once
const PATIENCE_MS = 2_000;

/** Which schedules Temporal has, and which are paused. */
export class Schedules {
  readonly #temporal: Client;
  #asked: { readonly at: number; readonly answer: Promise<Pauses | undefined> } | undefined;
  /** It did not answer the last time: nobody waits for it again until it does. */
  #isAway = false;

  constructor(temporal: Client) {
    this.#temporal = temporal;
  }

  /** By the schedule's id, which is the pipeline's name. Undefined where Temporal does not answer in time. */
  pauses(): Promise<Pauses | undefined> {
    if (!this.#asked || Date.now() - this.#asked.at > KEPT_MS)
      this.#asked = { at: Date.now(), answer: this.#tried() };
    return this.#isAway ? Promise.resolve(undefined) : this.#asked.answer;
  }

  /** What was known is no longer true. */
  forget(): void {
    this.#asked = undefined;
  }

  async #tried(): Promise<Pauses | undefined> {
    const known = await pauses(this.#temporal, PATIENCE_MS).catch(() => undefined);
    this.#isAway = known === undefined;
    return known;
  }
}
