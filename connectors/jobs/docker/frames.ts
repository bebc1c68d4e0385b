const HEADER = 8; // bytes: stream, three zeros, length (big-endian)

/**
 * Takes the log of a container in pieces, and gives what it wrote to which stream. A character that two frames share is made whole
 * by whoever takes the bytes. https://docs.docker.com/reference/api/engine/version/v1.44/#tag/Container/operation/ContainerAttach
 */
export class Frames {
  readonly #give: (stream: number, bytes: Buffer) => void;
  #header = Buffer.alloc(0);
  #stream = 0;
  #left = 0;

  constructor(give: (stream: number, bytes: Buffer) => void) {
    this.#give = give;
  }

  take(piece: Buffer): void {
    for (let rest = piece; rest.length;) {
      if (this.#left === 0) {
        const wanted = HEADER - this.#header.length;
        this.#header = Buffer.concat([this.#header, rest.subarray(0, wanted)]);
        rest = rest.subarray(wanted);
        if (this.#header.length < HEADER) return;
        this.#stream = this.#header[0] ?? 0;
        this.#left = this.#header.readUInt32BE(4);
        this.#header = Buffer.alloc(0);
        continue;
      }
      const bytes = rest.subarray(0, this.#left);
      this.#left -= bytes.length;
      rest = rest.subarray(bytes.length);
      this.#give(this.#stream, bytes);
    }
  }
}
