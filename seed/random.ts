/**
 * Reproducible random numbers: the sfc32 generator, 32-bit integer arithmetic only, so that every machine
 * gives the same ones. A (seed, stream, index) has its own sequence: the thing numbered `index` can be made
 * again at any time without making those before it.
 */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  constructor(seed: number, stream: string, index: number) {
    this.#a = seed | 0;
    this.#b = hash(stream) ^ Math.floor(seed / 2 ** 32);
    this.#c = index | 0;
    for (let round = 0; round < WARM_UP; round++) this.#next();
  }

  /** A whole number from 0 to `below` − 1. */
  int(below: number): number {
    return Math.floor(((this.#next() >>> 0) * below) / 2 ** 32);
  }

  /** A whole number from `low` to `high`, both included. */
  between(low: number, high: number): number {
    return low + this.int(high - low + 1);
  }

  /** True in `perMille` of a thousand cases. */
  chance(perMille: number): boolean {
    return this.int(100_000) < perMille * 100;
  }

  /** One of the values. The list must not be empty. */
  pick<T>(values: readonly T[]): T {
    return values[this.int(values.length)] as T;
  }

  /** One of the values, as often as its weight says. */
  weighted<T>(choices: readonly (readonly [value: T, weight: number])[]): T {
    let total = 0;
    for (const [, weight] of choices) total += weight;
    let left = this.int(total);
    for (const [value, weight] of choices) {
      if (left < weight) return value;
      left -= weight;
    }
    throw new RangeError('Weights must be positive');
  }

  /** 32 hexadecimal digits, the form of every id here. */
  id(): string {
    for (let at = 0; at < ID_BYTES.length; at += 4) ID_BYTES.writeInt32BE(this.#next(), at);
    return ID_BYTES.toString('hex');
  }

  #next(): number {
    const result = (((this.#a + this.#b) | 0) + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + result) | 0;
    return result;
  }
}

/** Rounds after which neighbouring seeds no longer resemble each other; the figure of sfc32's author. */
const WARM_UP = 12;

/** Scratch space: an id is made many millions of times. */
const ID_BYTES = Buffer.alloc(16);

/** FNV-1a. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193);
  return value;
}
