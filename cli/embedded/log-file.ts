import { closeSync, fstatSync, openSync, renameSync, writeSync } from 'node:fs';

const MAX_BYTES = 10_000_000;
const FILES = 3;

/** A log that holds what was written last: `<file>`, and `<file>.1` and `<file>.2` before it, of 10 MB each. */
export class LogFile {
  readonly #file: string;
  readonly #maxBytes: number;
  #descriptor: number;
  #bytes: number;

  constructor(file: string, maxBytes = MAX_BYTES) {
    this.#file = file;
    this.#maxBytes = maxBytes;
    this.#descriptor = openSync(file, 'a');
    this.#bytes = fstatSync(this.#descriptor).size;
  }

  /** Never throws: a full disk is not to end what is logged. */
  write(chunk: Buffer): void {
    try {
      if (this.#bytes > 0 && this.#bytes + chunk.length > this.#maxBytes) this.#rotate();
      this.#bytes += writeSync(this.#descriptor, chunk);
    } catch {
      // the next chunk may have more luck
    }
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  #rotate(): void {
    for (let age = FILES - 1; age > 0; age -= 1) {
      const newer = age === 1 ? this.#file : `${this.#file}.${age - 1}`;
      try {
        renameSync(newer, `${this.#file}.${age}`);
      } catch {
        // there is none yet
      }
    }
    const descriptor = openSync(this.#file, 'a');
    closeSync(this.#descriptor);
    this.#descriptor = descriptor;
    this.#bytes = 0;
  }
}
