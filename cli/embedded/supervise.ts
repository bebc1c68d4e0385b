import { setTimeout as delay } from 'node:timers/promises';
import { messageOf } from '../../core/errors.ts';

/** A process that is part of the stack. */
export interface Part {
  readonly pid: number;
  /** Settles when the process is gone. */
  readonly exited: Promise<unknown>;
  /** May be called again. */
  stop(): Promise<void>;
}

/** Starts a part. @param begun to be told of its process at once, long before it is ready */
export type StartPart = (begun: (pid: number) => void) => Promise<Part>;

export interface Supervised {
  /** Ends the part for good. */
  stop(): Promise<void>;
  /** Ends its process, so that another takes its place. */
  restart(): Promise<void>;
}

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 2_000;
const STEADY_MS = 10_000; // what ran for so long has not ended because it was started

/**
 * Keeps a part of the stack running: one that ends is started again, as an orchestrator of containers would: at once, and
 * with growing pauses where it ends again and again.
 * @param begun told of every process that was started
 * @throws what the first start throws; later ones are tried until they succeed, and `say` tells why they did not
 */
export async function supervise(
  name: string,
  start: StartPart,
  begun: (pid: number) => void,
  say: (what: string) => void,
): Promise<Supervised> {
  const stopping = new AbortController();
  const { signal } = stopping;
  const isStopping = () => signal.aborted;
  let part = await start(begun);
  let asked = false;
  let pause = FIRST_PAUSE_MS;
  const keep = async () => {
    let began = Date.now();
    await part.exited;
    while (!isStopping()) {
      if (!asked) say(`${name} has ended; starting it again`);
      asked = false;
      pause = Date.now() - began > STEADY_MS ? FIRST_PAUSE_MS : Math.min(pause * 2, LONGEST_PAUSE_MS);
      await delay(pause, undefined, { signal }).catch(() => undefined);
      if (isStopping()) return;
      began = Date.now();
      try {
        part = await start(begun);
        if (isStopping()) await part.stop();
        await part.exited;
      } catch (error) {
        if (!isStopping()) say(messageOf(error));
      }
    }
  };
  const kept = keep();
  return {
    async stop() {
      stopping.abort();
      await part.stop();
      await kept;
    },
    async restart() {
      asked = true;
      await part.stop();
    },
  };
}
