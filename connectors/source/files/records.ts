import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { Transform, type Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { Decompress } from 'fzstd';
import { messageOf, TerminalError } from '../../../core/errors.ts';

/** How a text file is packed, by the end of its name. */
export type Packing = 'none' | 'gzip' | 'zstd';

export function packingOf(key: string): Packing {
  return /\.gz(ip)?$/i.test(key) ? 'gzip' : /\.zst(d)?$/i.test(key) ? 'zstd' : 'none';
}

export interface RecordsAsked {
  readonly path: string;
  readonly packing: Packing;
  /** Bytes of a character. */
  readonly width: 1 | 2;
  /** Absent: every line is a record, whatever is in it. */
  readonly csv?: { readonly quote: string; readonly delimiter: string };
  /** Whether a line without anything is none. */
  readonly skipsEmpty: boolean;
  /** A record, from 1, whose line is asked for. */
  readonly lineOf?: number;
  readonly signal: AbortSignal;
}

export interface Records {
  readonly records: number;
  /** Where the last record begins, when it ends within quotes: it was cut off, or a quote is missing. */
  readonly openQuoteAt: number | undefined;
  /** Where a record begins that has something between the end of a quoted field and the next delimiter, which readers drop. */
  readonly strayAt: number | undefined;
  /** Of the record that was asked for, from 1. */
  readonly line: number | undefined;
}

const LF = 10;
const CR = 13;
/** Of a byte order mark, in UTF-8 and in UTF-16. */
const MARKS = new Set([0xef, 0xbb, 0xbf, 0xfeff]);

/**
 * Counts the records of a file by its bytes alone: what a reader has made of it is held against that. DuckDB gives what it got so far, without
 * a word, when a packed file was cut off, and drops rows after a quote that is never closed.
 * @throws {TerminalError} the packed file is damaged or cut off
 */
export async function countRecords(asked: RecordsAsked, name: string): Promise<Records> {
  const counter = new RecordCounter(asked);
  const file = createReadStream(asked.path, { highWaterMark: 1 << 20 });
  const count = async (chunks: AsyncIterable<Buffer>) => {
    for await (const chunk of chunks) counter.take(chunk);
  };
  const unpack = unpacker(asked.packing);
  try {
    if (unpack) await pipeline(file, unpack, count, { signal: asked.signal });
    else await pipeline(file as Readable, count, { signal: asked.signal });
  } catch (error) {
    asked.signal.throwIfAborted();
    if (asked.packing === 'none' || (error as NodeJS.ErrnoException).syscall !== undefined) throw error;
    throw new TerminalError(
      `${name} is cut off or damaged (${asked.packing}: ${messageOf(error)}). Nothing of it was loaded; put it there whole.`,
      { cause: error },
    );
  }
  return counter.end();
}

function unpacker(packing: Packing): Transform | undefined {
  if (packing === 'gzip') return createGunzip();
  if (packing === 'none') return undefined;
  const stream: Transform = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      attempt(() => {
        decompress.push(chunk);
      }, done);
    },
    flush(done) {
      attempt(() => {
        decompress.push(new Uint8Array(), true);
      }, done);
    },
  });
  const decompress = new Decompress((chunk) => {
    stream.push(Buffer.from(chunk));
  });
  return stream;
}

function attempt(work: () => void, done: (error?: Error) => void): void {
  try {
    work();
    done();
  } catch (error) {
    done(error as Error);
  }
}

/** Lines end with LF, or CR and LF. A quote opens a field only where one begins, and two of them are one. */
class RecordCounter {
  readonly #asked: RecordsAsked;
  readonly #quote: number;
  readonly #delimiter: number;
  #records = 0;
  #line = 1;
  #recordLine = 1;
  #found: number | undefined;
  #quoted = false;
  /** The character before was a delimiter, or the field's quote has been closed: a quote opens it (again). */
  #mayOpen = true;
  #closed = false;
  #strayAt: number | undefined;
  #isEmpty = true;
  #isFirst = true;
  #half: number | undefined;

  constructor(asked: RecordsAsked) {
    this.#asked = asked;
    this.#quote = asked.csv?.quote.charCodeAt(0) ?? -1;
    this.#delimiter = asked.csv?.delimiter.charCodeAt(0) ?? -1;
  }

  take(chunk: Buffer): void {
    for (const byte of chunk) {
      if (this.#asked.width === 1) this.#step(byte);
      else if (this.#half === undefined) this.#half = byte;
      else {
        this.#step(this.#half | (byte << 8));
        this.#half = undefined;
      }
    }
  }

  end(): Records {
    if (!this.#isEmpty) this.#endRecord();
    return {
      records: this.#records,
      openQuoteAt: this.#quoted ? this.#recordLine : undefined,
      strayAt: this.#strayAt,
      line: this.#found,
    };
  }

  #step(code: number): void {
    if (this.#quoted) {
      if (code === this.#quote) [this.#quoted, this.#mayOpen, this.#closed] = [false, true, true];
      else if (code === LF) this.#line += 1;
      return;
    }
    if (code === CR) return;
    if (code === LF) {
      this.#endLine();
      return;
    }
    if (this.#isFirst && MARKS.has(code)) return;
    this.#isFirst = false;
    this.#isEmpty = false;
    if (this.#closed && code !== this.#quote && code !== this.#delimiter) this.#strayAt ??= this.#recordLine;
    this.#closed = false;
    this.#quoted = this.#mayOpen && code === this.#quote;
    this.#mayOpen = code === this.#delimiter;
  }

  #endLine(): void {
    if (!this.#isEmpty || !this.#asked.skipsEmpty) this.#endRecord();
    this.#line += 1;
    this.#recordLine = this.#line;
    this.#mayOpen = true;
    this.#closed = false;
    this.#isEmpty = true;
    this.#isFirst = false;
  }

  #endRecord(): void {
    this.#records += 1;
    if (this.#records === this.#asked.lineOf) this.#found = this.#recordLine;
  }
}
