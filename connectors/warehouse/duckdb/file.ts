import { randomUUID } from 'node:crypto';
import { link, mkdir, realpath, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { thenCleanUp } from '../../../core/clean-up.ts';
import { LoadsAside } from './aside.ts';
import { isLockConflict, lockHolder, WarehouseHeld } from './errors.ts';
import { Turns } from './turns.ts';

export interface FileOptions {
  readonly threads?: number | undefined;
  /** As DuckDB reads it: `2GB`. */
  readonly memoryLimit: string;
  /** How long to wait for a file that another program holds, in milliseconds. */
  readonly lockWaitMs: number;
}

const LOCK_POLL_MS = 100; // a person's query in a shell lasts longer, a command of ours about as long

/** One per file and process: DuckDB's lock keeps other processes out, but not a second instance in this one. */
const known = new Map<string, DuckDbFile>();

/**
 * A DuckDB file that is open only while it is used, so that other programs get at it in between.
 * Nothing else in this process may open it: closing any descriptor of a file gives up the process's lock on it.
 */
export class DuckDbFile {
  readonly path: string;
  readonly #turns = new Turns();
  readonly #aside: LoadsAside;
  /** Those who wait to look at the loads, told when the file is handed over. */
  readonly #lookers = new Set<AbortController>();
  #handedOver = false;
  #instance: DuckDBInstance | undefined;
  #opening: Promise<DuckDBInstance> | undefined;

  private constructor(path: string) {
    this.path = path;
    this.#aside = new LoadsAside(path);
  }

  /** The file at a path, whose folder is made where it is missing. */
  static async at(path: string): Promise<DuckDbFile> {
    const folder = dirname(resolve(path));
    await mkdir(folder, { recursive: true });
    const real = join(await realpath(folder), basename(path));
    const file = known.get(real) ?? new DuckDbFile(real);
    known.set(real, file);
    return file;
  }

  async exists(): Promise<boolean> {
    return stat(this.path).then(
      () => true,
      () => false,
    );
  }

  /** Runs `work` on a connection of its own. `read` needs the file to exist, `write` makes it. */
  async use<T>(
    turn: 'read' | 'write',
    options: FileOptions,
    work: (connection: DuckDBConnection) => Promise<T>,
    signal?: AbortSignal,
  ): Promise<T> {
    const end = await this.#turns.take(turn, signal);
    try {
      const connection = await (await this.#opened(options, signal)).connect();
      try {
        await connection.run(`SET TimeZone = 'UTC'`);
        return await work(connection);
      } finally {
        connection.closeSync();
      }
    } finally {
      // Closed before the turn ends: whoever is next may need it open in another way, or not at all.
      if (this.#turns.single) {
        this.#instance?.closeSync();
        this.#instance = undefined;
      }
      end();
    }
  }

  /** Runs `work` on an opening of its own, for reading: what it sets there holds for nobody else. Needs the file to exist. */
  async readAlone<T>(
    options: FileOptions,
    work: (connection: DuckDBConnection) => Promise<T>,
    signal?: AbortSignal,
  ): Promise<T> {
    const end = await this.#turns.take('alone', signal);
    try {
      const instance = await this.#open(false, options, signal);
      try {
        const connection = await instance.connect();
        await connection.run(`SET TimeZone = 'UTC'`);
        return await work(connection).finally(() => connection.closeSync());
      } finally {
        instance.closeSync();
      }
    } finally {
      end();
    }
  }

  /**
   * Runs `work` on a connection that has `_sluice.loads`: of the file, or, while that is handed over, here or by another process, of the
   * copy beside it (`copied`), which has no other tables. So nobody waits for a child process in order to read a mark.
   */
  async look<T>(
    options: FileOptions,
    work: (connection: DuckDBConnection, copied: boolean) => Promise<T>,
    signal?: AbortSignal,
  ): Promise<T> {
    const ofFile = (connection: DuckDBConnection) => work(connection, false);
    const ofCopy = (connection: DuckDBConnection) => work(connection, true);
    for (;;) {
      signal?.throwIfAborted();
      const handedOver = new AbortController();
      this.#lookers.add(handedOver);
      const stop = signal ? AbortSignal.any([signal, handedOver.signal]) : handedOver.signal;
      try {
        const copied = this.#handedOver ? await this.#aside.read(ofCopy) : undefined;
        if (copied) return copied.result;
        const elsewhere = await this.#aside.exists();
        try {
          return await this.use('read', elsewhere ? { ...options, lockWaitMs: 0 } : options, ofFile, stop);
        } catch (error) {
          signal?.throwIfAborted();
          if (handedOver.signal.aborted) continue;
          if (!elsewhere || !(error instanceof WarehouseHeld)) throw error;
          const found = await this.#aside.read(ofCopy);
          if (found) return found.result;
        }
      } finally {
        this.#lookers.delete(handedOver);
      }
    }
  }

  /** Runs `use` while nobody in this process has the file open and every change is in the file itself. */
  async handOver<T>(options: FileOptions, use: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    const end = await this.#turns.take('alone', signal);
    try {
      // Tells now who holds the file, rather than let the child process fail; closing writes the log into the file.
      const instance = await this.#open(true, options, signal);
      try {
        const connection = await instance.connect();
        await this.#aside.write(connection);
        connection.closeSync();
      } finally {
        instance.closeSync();
      }
      this.#handedOver = await this.#aside.exists();
      if (this.#handedOver) for (const looker of this.#lookers) looker.abort(new Error('handed over'));
      return await thenCleanUp(use, async () => {
        this.#handedOver = false;
        await this.#aside.remove();
      });
    } finally {
      end();
    }
  }

  /** Waits until nobody uses the file. */
  async settled(): Promise<void> {
    (await this.#turns.take('alone'))();
  }

  async #opened(options: FileOptions, signal?: AbortSignal): Promise<DuckDBInstance> {
    while (!this.#instance) {
      if (this.#opening) {
        // It fails by its own signal and patience; then this one tries.
        await this.#opening.catch(() => undefined);
        continue;
      }
      this.#opening = this.#open(this.#turns.writable, options, signal);
      try {
        this.#instance = await this.#opening;
      } finally {
        this.#opening = undefined;
      }
    }
    return this.#instance;
  }

  async #open(writable: boolean, options: FileOptions, signal?: AbortSignal): Promise<DuckDBInstance> {
    const started = performance.now();
    for (;;) {
      try {
        if (writable && !(await this.exists())) await this.#make();
        const instance = await DuckDBInstance.create(this.path, {
          access_mode: writable ? 'READ_WRITE' : 'READ_ONLY',
          memory_limit: options.memoryLimit,
          temp_directory: `${this.path}.tmp`,
          // Rows of a table have no order; keeping one costs memory that grows with the load.
          preserve_insertion_order: 'false',
          autoinstall_known_extensions: 'false',
          ...(options.threads ? { threads: String(options.threads) } : {}),
        });
        // Whoever left spill files was killed: nobody else can have the file open for writing now.
        if (writable) {
          await rm(`${this.path}.tmp`, { recursive: true, force: true });
          await this.#aside.remove();
        }
        return instance;
      } catch (error) {
        if (!isLockConflict(error)) throw error;
        const waited = performance.now() - started;
        if (waited >= options.lockWaitMs) {
          throw new WarehouseHeld(this.path, lockHolder(error), waited, error);
        }
        await wait(Math.min(LOCK_POLL_MS, options.lockWaitMs), undefined, signal ? { signal } : {}).catch(
          () => signal?.throwIfAborted(),
        );
      }
    }
  }

  /**
   * Makes the file beside its place and then gives it its name: DuckDB writes a new file in several steps, and what is killed between
   * them leaves one that nobody can open. Where a folder knows no second name for a file, DuckDB makes it in place.
   */
  async #make(): Promise<void> {
    const beside = join(`${this.path}.tmp`, randomUUID());
    await mkdir(`${this.path}.tmp`, { recursive: true });
    (await DuckDBInstance.create(beside)).closeSync();
    await link(beside, this.path).catch(() => undefined); // another process may have been first, and has emptied the folder
    await rm(beside, { force: true });
  }
}
