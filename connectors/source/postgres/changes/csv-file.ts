import { closeSync, openSync, writeSync } from 'node:fs';

const ROOM = 1 << 20; // bytes gathered before they are written
const QUOTE = 0x22;
const COMMA = 0x2c;
const NEWLINE = 0x0a;
/** Bytes up to which a loop copies faster than a call into the runtime. */
const SHORT = 48;

/** A CSV file that fields are written to as bytes. NULL is an empty field without quotes. */
export class CsvFile {
  /** Of the longest line so far, with what quoting adds. */
  longest = 0;
  bytes = 0;
  rows = 0;
  readonly #file: number;
  #buffer = Buffer.allocUnsafe(ROOM);
  #at = 0;
  #line = 0;
  #first = true;

  constructor(path: string) {
    this.#file = openSync(path, 'wx');
  }

  null(): void {
    this.#next();
  }

  /** Text of our own, without anything that needs quotes. */
  plain(text: string): void {
    this.#next();
    this.#reserve(text.length);
    this.#at += this.#buffer.write(text, this.#at, 'latin1');
  }

  /** A value of a type whose texts never need quotes. */
  bare(bytes: Buffer, start: number, end: number): void {
    this.#next();
    this.#reserve(end - start);
    this.#copy(bytes, start, end);
  }

  quoted(bytes: Buffer, start: number, end: number): void {
    this.#next();
    this.#reserve(2 * (end - start) + 2);
    this.#buffer[this.#at++] = QUOTE;
    for (let from = start; ;) {
      const quote = indexOf(bytes, from, end);
      this.#copy(bytes, from, quote);
      if (quote === end) break;
      this.#buffer[this.#at++] = QUOTE;
      this.#buffer[this.#at++] = QUOTE;
      from = quote + 1;
    }
    this.#buffer[this.#at++] = QUOTE;
  }

  endRow(): void {
    this.#reserve(1);
    this.#buffer[this.#at++] = NEWLINE;
    this.rows += 1;
    this.longest = Math.max(this.longest, this.bytes + this.#at - this.#line);
    this.#line = this.bytes + this.#at;
    this.#first = true;
  }

  /** May be called again. */
  close(): void {
    if (this.#buffer.length === 0) return;
    this.#flush();
    this.#buffer = Buffer.alloc(0);
    closeSync(this.#file);
  }

  #next(): void {
    if (this.#first) {
      this.#first = false;
      return;
    }
    this.#reserve(1);
    this.#buffer[this.#at++] = COMMA;
  }

  #copy(bytes: Buffer, start: number, end: number): void {
    const buffer = this.#buffer;
    let at = this.#at;
    if (end - start > SHORT) at += bytes.copy(buffer, at, start, end);
    else for (let index = start; index < end; index++) buffer[at++] = bytes[index] as number;
    this.#at = at;
  }

  #reserve(bytes: number): void {
    if (this.#at + bytes <= this.#buffer.length) return;
    this.#flush();
    if (bytes > this.#buffer.length) this.#buffer = Buffer.allocUnsafe(bytes);
    else if (this.#buffer.length > ROOM && bytes <= ROOM) this.#buffer = Buffer.allocUnsafe(ROOM);
  }

  #flush(): void {
    let from = 0;
    while (from < this.#at) from += writeSync(this.#file, this.#buffer, from, this.#at - from);
    this.bytes += this.#at;
    this.#at = 0;
  }
}

function indexOf(bytes: Buffer, from: number, end: number): number {
  if (end - from > SHORT) {
    const found = bytes.subarray(from, end).indexOf(QUOTE);
    return found < 0 ? end : from + found;
  }
  let at = from;
  while (at < end && bytes[at] !== QUOTE) at += 1;
  return at;
}
