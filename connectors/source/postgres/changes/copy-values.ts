/** The signature of a binary COPY, its flags and the length of what else is in its head. */
const HEAD = 11 + 4 + 4;

/**
 * Cuts the values out of a binary COPY of one column, in whatever pieces it comes. A value that lies in one piece is not copied.
 * @see https://www.postgresql.org/docs/current/sql-copy.html#id-1.9.3.55.9.4
 */
export class CopyValues {
  #rest: Buffer[] = [];
  #has = 0;
  #needs = HEAD;
  #inHead = true;
  #ended = false;

  /** Calls `take` with each value that the piece completes. The value's bytes are only there during the call. */
  piece(bytes: Buffer, take: (value: Buffer) => void): void {
    if (this.#has + bytes.length < this.#needs) {
      this.#rest.push(bytes);
      this.#has += bytes.length;
      return;
    }
    const all = this.#rest.length ? Buffer.concat([...this.#rest, bytes]) : bytes;
    let at = 0;
    if (this.#inHead) {
      at = HEAD + all.readUInt32BE(HEAD - 4);
      this.#inHead = false;
    }
    for (;;) {
      const left = all.length - at;
      this.#needs = 2;
      if (left < 2) break;
      if (all.readInt16BE(at) < 0) {
        this.#ended = true;
        at += 2;
        break;
      }
      this.#needs = 6;
      if (left < 6) break;
      const length = all.readInt32BE(at + 2);
      this.#needs = 6 + length;
      if (left < this.#needs) break;
      take(all.subarray(at + 6, at + 6 + length));
      at += 6 + length;
    }
    this.#rest = at < all.length ? [all.subarray(at)] : [];
    this.#has = all.length - at;
  }

  /** @throws {Error} when the COPY has not come to its end */
  mustHaveEnded(): void {
    if (!this.#ended) throw new Error('Connection terminated in the middle of the changes');
  }
}
