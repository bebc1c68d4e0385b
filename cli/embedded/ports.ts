import { lstatSync, mkdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { InvalidInput, TerminalError } from '../../core/errors.ts';
import { tryLock, type Release } from './lock.ts';
import type { ProcessId } from './processes.ts';
import { isListening } from './ready.ts';

const TRIES = 200;

/**
 * Ports of the loopback interface that are reserved for a stack until `release`, or until this process ends: a stack that
 * chooses at the same time takes others, though nobody listens there yet.
 */
export class Ports {
  readonly #folder = reservations();
  readonly #reserved: Release[] = [];

  /** The port that the variable names, else the usual one or the next free one after it. */
  async reserve(variable: string, usual: number): Promise<number> {
    const wanted = process.env[variable];
    if (wanted === undefined) return this.reserveRow(usual, 1);
    if (!/^\d{1,5}$/.test(wanted) || Number(wanted) < 1 || Number(wanted) > 65_535)
      throw new InvalidInput('The environment', [
        `${variable}: '${wanted}' is no port; give 1 to 65535, or leave it unset.`,
      ]);
    const other = await this.#take(Number(wanted));
    if (other === undefined) return Number(wanted);
    const by = other === 'a listener' ? '' : ` by the stack of process ${other.pid}`;
    throw new TerminalError(
      `Port ${wanted} (${variable}) is already in use${by}. Free it, set another, or leave it unset for a free one.`,
    );
  }

  /** The first of several free ports in a row. */
  async reserveRow(usual: number, count: number): Promise<number> {
    for (let first = usual; first < usual + TRIES * count; first += count) {
      const before = this.#reserved.length;
      let free = true;
      for (let at = 0; free && at < count; at += 1) free = (await this.#take(first + at)) === undefined;
      if (free) return first;
      for (const release of this.#reserved.splice(before)) release();
    }
    throw new TerminalError(
      `No ${count === 1 ? 'port is' : `${count} ports in a row are`} free from ${usual} on. End stacks that are no longer needed: they are in ${this.#folder}.`,
    );
  }

  release(): void {
    for (const release of this.#reserved.splice(0)) release();
  }

  /** @returns who has it, if anybody */
  async #take(port: number): Promise<ProcessId | 'a listener' | undefined> {
    const taken = tryLock(join(this.#folder, String(port)));
    if (typeof taken !== 'function') return taken;
    if ((await isListening(port)) || !(await canListen(port))) {
      taken();
      return 'a listener';
    }
    this.#reserved.push(taken);
    return undefined;
  }
}

/** A folder of this user's, whatever home a stack has. */
function reservations(): string {
  const { uid, username } = userInfo();
  const folder = join(tmpdir(), `sluice-ports-${uid < 0 ? username : uid}`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const found = lstatSync(folder);
  if (found.isDirectory() && (uid < 0 || found.uid === uid)) return folder;
  throw new TerminalError(
    `${folder}, where ports are reserved, belongs to somebody else. Remove it, or set TMPDIR.`,
  );
}

function canListen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  });
}
