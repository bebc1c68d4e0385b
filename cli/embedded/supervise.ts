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

const RESTART_PAUSE_MS = 1_000;

/**
 * Keeps a part of the stack running: one that ends is started again, as an orchestrator of containers would.
 * @param begun told of every process that was started
 * @returns what ends it for good
 * @throws what the first start throws; later ones are tried until they succeed, and `say` tells why they did not
 */
export async function supervise(
  name: string,
  start: () => Promise<Part>,
  begun: (pid: number) => void,
  say: (what: string) => void,
): Promise<() => Promise<void>> {
  const stopping = new AbortController();
  const { signal } = stopping;
  const isStopping = () => signal.aborted;
  const next = async () => {
    const part = await start();
    begun(part.pid);
    return part;
  };
  let part = await next();
  const keep = async () => {
    await part.exited;
    while (!isStopping()) {
      say(`${name} has ended; starting it again`);
      await delay(RESTART_PAUSE_MS, undefined, { signal }).catch(() => undefined);
      if (isStopping()) return;
      try {
        part = await next();
        if (isStopping()) await part.stop();
        await part.exited;
      } catch (error) {
        say(messageOf(error));
      }
    }
  };
  const kept = keep();
  return async () => {
    stopping.abort();
    await part.stop();
    await kept;
  };
}
