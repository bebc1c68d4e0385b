/** Messages of PostgreSQL's protocol 3.0. https://www.postgresql.org/docs/current/protocol-message-formats.html */

const SSL_REQUEST = 80_877_103;
const GSS_REQUEST = 80_877_104;
const CANCEL_REQUEST = 80_877_102;

export type Startup =
  | { readonly kind: 'encryption' }
  | { readonly kind: 'cancel'; readonly pid: number; readonly secret: number }
  | { readonly kind: 'startup'; readonly parameters: ReadonlyMap<string, string> };

/** The first message of a connection, which has no type byte. */
export function startupOf(body: Buffer): Startup {
  const code = body.readInt32BE(0);
  if (code === SSL_REQUEST || code === GSS_REQUEST) return { kind: 'encryption' };
  if (code === CANCEL_REQUEST)
    return { kind: 'cancel', pid: body.readInt32BE(4), secret: body.readInt32BE(8) };
  const texts = body.subarray(4).toString('utf8').split('\0');
  const parameters = new Map<string, string>();
  for (let at = 0; at + 1 < texts.length && texts[at]; at += 2)
    parameters.set(texts[at] ?? '', texts[at + 1] ?? '');
  return { kind: 'startup', parameters };
}

export function message(type: string, ...parts: readonly (Buffer | string | number)[]): Buffer {
  const body = Buffer.concat(
    parts.map((part) => {
      if (typeof part === 'string') return Buffer.from(`${part}\0`);
      if (typeof part !== 'number') return part;
      const number = Buffer.alloc(4);
      number.writeInt32BE(part);
      return number;
    }),
  );
  const head = Buffer.alloc(5);
  head.write(type);
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

export function errorResponse(code: string, text: string): Buffer {
  const fields = Object.entries({ S: 'FATAL', V: 'FATAL', C: code, M: text }).map(
    ([type, value]) => `${type}${value}\0`,
  );
  return message('E', Buffer.from(`${fields.join('')}\0`));
}

/** Takes whole messages out of a stream of bytes. */
export class Frames {
  #rest: Buffer = Buffer.alloc(0);

  /** The messages that are complete with these bytes. The first of a connection has no type: ask for it with `first`. */
  push(bytes: Buffer): void {
    this.#rest = this.#rest.length ? Buffer.concat([this.#rest, bytes]) : bytes;
  }

  first(): Buffer | undefined {
    return this.#take(0)?.subarray(4);
  }

  next(): { readonly type: string; readonly body: Buffer; readonly raw: Buffer } | undefined {
    const raw = this.#take(1);
    return raw && { type: String.fromCharCode(raw[0] ?? 0), body: raw.subarray(5), raw };
  }

  #take(offset: number): Buffer | undefined {
    if (this.#rest.length < offset + 4) return undefined;
    const length = this.#rest.readInt32BE(offset) + offset;
    if (this.#rest.length < length) return undefined;
    const taken = this.#rest.subarray(0, length);
    this.#rest = this.#rest.subarray(length);
    return taken;
  }
}
