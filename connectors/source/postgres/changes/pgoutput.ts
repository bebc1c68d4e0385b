/** A column as the stream announces it. */
export interface StreamColumn {
  readonly name: string;
  /** `pg_type.oid`, a domain's own. */
  readonly type: number;
  /** `pg_attribute.atttypmod`; −1 for none. */
  readonly modifier: number;
}

/** A version of a table: what its rows look like from here on, until the stream announces another. */
export interface StreamRelation {
  readonly oid: number;
  readonly schema: string;
  readonly table: string;
  readonly columns: readonly StreamColumn[];
}

/** Where a value of a row lies in its message. Made anew with each message: copy what is to stay. */
export interface Row {
  count: number;
  /** `n` NULL, `u` not sent because it has not changed, `t` text between `starts` and `ends`. */
  readonly kinds: Uint8Array;
  readonly starts: Int32Array;
  readonly ends: Int32Array;
}

const NULL = 0x6e;
export const UNCHANGED = 0x75;
export const TEXT = 0x74;

export interface Commit {
  /** Where the commit's record begins in the log: transactions come in its order. */
  readonly lsn: bigint;
  /** Microseconds since 2000-01-01 UTC, by the source's clock. */
  readonly time: bigint;
}

/** What is done with the changes of a stream, in its order. */
export interface ChangeHandler {
  begin(commit: Commit): void;
  relation(relation: StreamRelation): void;
  insert(oid: number, message: Buffer, row: Row): void;
  /** @param old the old row, or of it the columns of the replica identity; undefined where these have not changed */
  update(oid: number, message: Buffer, row: Row, old: Row | undefined): void;
  /** @param whole whether `old` is the whole row, and not only its replica identity */
  delete(oid: number, message: Buffer, old: Row, whole: boolean): void;
  truncate(oids: readonly number[]): void;
}

/** PostgreSQL's most columns of a table. */
const MAX_COLUMNS = 1664;

/**
 * Reads messages of the plugin pgoutput, protocol version 1. Values are not copied and not decoded: a handler gets their places.
 * @see https://www.postgresql.org/docs/current/protocol-logicalrep-message-formats.html
 */
export class Pgoutput {
  readonly #handler: ChangeHandler;
  readonly #row = emptyRow();
  readonly #old = emptyRow();

  constructor(handler: ChangeHandler) {
    this.#handler = handler;
  }

  /** @throws {Error} when the message is none of the protocol's: nothing is passed over that is not known */
  message(bytes: Buffer): void {
    const kind = bytes[0];
    switch (kind) {
      case 0x42: // B
        return this.#handler.begin({ lsn: bytes.readBigUInt64BE(1), time: bytes.readBigInt64BE(9) });
      case 0x52: // R
        return this.#handler.relation(relationOf(bytes));
      case 0x49: // I
        this.#expect(bytes, 5, 'N');
        readRow(bytes, 6, this.#row);
        return this.#handler.insert(bytes.readUInt32BE(1), bytes, this.#row);
      case 0x55: // U
        return this.#update(bytes);
      case 0x44: // D
        this.#expect(bytes, 5, 'KO');
        readRow(bytes, 6, this.#old);
        return this.#handler.delete(bytes.readUInt32BE(1), bytes, this.#old, bytes[5] === 0x4f);
      case 0x54: // T
        return this.#handler.truncate(truncated(bytes));
      case 0x43: // C
      case 0x4f: // O: where the transaction comes from, on a source that is itself a replica
      case 0x59: // Y: a type's name
      case 0x4d: // M: a message of an application
        return;
      default:
        throw new Error(`pgoutput: message '${String.fromCharCode(kind ?? 0)}' is not of protocol version 1`);
    }
  }

  #update(bytes: Buffer): void {
    let at = 5;
    let old: Row | undefined;
    if (bytes[at] !== 0x4e) {
      this.#expect(bytes, at, 'KO');
      old = this.#old;
      at = readRow(bytes, at + 1, old);
    }
    this.#expect(bytes, at, 'N');
    readRow(bytes, at + 1, this.#row);
    this.#handler.update(bytes.readUInt32BE(1), bytes, this.#row, old);
  }

  #expect(bytes: Buffer, at: number, marks: string): void {
    const mark = String.fromCharCode(bytes[at] ?? 0);
    if (!marks.includes(mark)) throw new Error(`pgoutput: '${mark}' where one of '${marks}' belongs`);
  }
}

function emptyRow(): Row {
  return {
    count: 0,
    kinds: new Uint8Array(MAX_COLUMNS),
    starts: new Int32Array(MAX_COLUMNS),
    ends: new Int32Array(MAX_COLUMNS),
  };
}

/** @returns where the row ends */
function readRow(bytes: Buffer, from: number, row: Row): number {
  const { kinds, starts, ends } = row;
  const count = bytes.readUInt16BE(from);
  row.count = count;
  let at = from + 2;
  for (let index = 0; index < count; index++) {
    const kind = bytes[at++] ?? 0;
    kinds[index] = kind;
    if (kind === TEXT) {
      const length = bytes.readInt32BE(at);
      starts[index] = at + 4;
      at += 4 + length;
      ends[index] = at;
    } else if (kind !== NULL && kind !== UNCHANGED) {
      throw new Error(`pgoutput: a value of kind '${String.fromCharCode(kind)}', which was not asked for`);
    }
  }
  return at;
}

function relationOf(bytes: Buffer): StreamRelation {
  let at = 5;
  const text = () => {
    const end = bytes.indexOf(0, at);
    const found = bytes.toString('utf8', at, end);
    at = end + 1;
    return found;
  };
  // Empty for `pg_catalog`.
  const schema = text() || 'pg_catalog';
  const table = text();
  at += 1; // its replica identity
  const count = bytes.readUInt16BE(at);
  at += 2;
  const columns: StreamColumn[] = [];
  for (let index = 0; index < count; index++) {
    at += 1; // whether it is of the replica identity
    const name = text();
    columns.push({ name, type: bytes.readUInt32BE(at), modifier: bytes.readInt32BE(at + 4) });
    at += 8;
  }
  return { oid: bytes.readUInt32BE(1), schema, table, columns };
}

function truncated(bytes: Buffer): number[] {
  const count = bytes.readUInt32BE(1);
  return Array.from({ length: count }, (_, index) => bytes.readUInt32BE(6 + 4 * index));
}
