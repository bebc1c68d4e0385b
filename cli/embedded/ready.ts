import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { TerminalError } from '../../core/errors.ts';

const POLL_MS = 50;

/** Whether something listens on this port of the loopback interface. */
export function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    const answer = (listening: boolean) => () => {
      socket.destroy();
      resolve(listening);
    };
    socket.once('connect', answer(true));
    socket.once('error', answer(false));
  });
}

/** Waits until a condition holds. @throws {TerminalError} after `timeoutMs`, or as soon as `gaveUp` says why */
export async function until(
  what: string | (() => string),
  isReady: () => Promise<boolean>,
  timeoutMs: number,
  gaveUp: () => string | undefined = () => undefined,
): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!(await isReady())) {
    const why =
      gaveUp() ?? (Date.now() > deadline ? `it is not ready after ${timeoutMs / 1000} s` : undefined);
    if (why !== undefined)
      throw new TerminalError(`${typeof what === 'string' ? what : what()} did not start: ${why}.`);
    await delay(POLL_MS);
  }
}
