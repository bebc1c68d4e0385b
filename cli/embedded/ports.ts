import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import { InvalidInput, TerminalError } from '../../core/errors.ts';
import { isListening } from './ready.ts';

const TRIES = 200;

type Release = () => void;

/**
 * Ports of the loopback interface that are reserved for a stack until `release`, or until this process ends: a stack that
 * chooses at the same time takes others, though nobody listens there yet. The mark of a reservation is the UDP port of the same
 * number: the system gives it to one process, of whichever user, and takes it back when that one ends.
 */
export class Ports {
  readonly #reserved: Release[] = [];

  /** The port that the variable names, else the usual one or the next free one after it. */
  async reserve(variable: string, usual: number): Promise<number> {
    const wanted = process.env[variable];
    if (wanted === undefined) return this.reserveRow(usual, 1);
    if (!/^\d{1,5}$/.test(wanted) || Number(wanted) < 1 || Number(wanted) > 65_535)
      throw new InvalidInput('The environment', [
        `${variable}: '${wanted}' is no port; give 1 to 65535, or leave it unset.`,
      ]);
    if (await this.#take(Number(wanted))) return Number(wanted);
    throw new TerminalError(
      `Port ${wanted} (${variable}) is already in use, by a listener or a stack that starts. Free it, set another, or leave it unset for a free one.`,
    );
  }

  /** The first of several free ports in a row. */
  async reserveRow(usual: number, count: number): Promise<number> {
    for (let first = usual; first < usual + TRIES * count; first += count) {
      const before = this.#reserved.length;
      let free = true;
      for (let at = 0; free && at < count; at += 1) free = await this.#take(first + at);
      if (free) return first;
      for (const release of this.#reserved.splice(before)) release();
    }
    throw new TerminalError(
      `No ${count === 1 ? 'port is' : `${count} ports in a row are`} free from ${usual} on. End stacks that are no longer needed, with 'sluice stop' in each of their homes.`,
    );
  }

  release(): void {
    for (const release of this.#reserved.splice(0)) release();
  }

  /** @returns false when somebody else has it */
  async #take(port: number): Promise<boolean> {
    const release = await marked(port);
    if (!release) return false;
    if ((await isListening(port)) || !(await canListen(port))) {
      release();
      return false;
    }
    this.#reserved.push(release);
    return true;
  }
}

function marked(port: number): Promise<Release | undefined> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4');
    socket.once('error', () => {
      socket.close();
      resolve(undefined);
    });
    socket.bind({ port, address: '127.0.0.1', exclusive: true }, () => {
      socket.unref(); // it keeps nobody from ending
      resolve(() => socket.close());
    });
  });
}

function canListen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  });
}
