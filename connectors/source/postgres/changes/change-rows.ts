import { CsvFile } from './csv-file.ts';
import { lsnText } from './lsn.ts';
import {
  TEXT,
  UNCHANGED,
  type ChangeHandler,
  type Commit,
  type Row,
  type StreamColumn,
  type StreamRelation,
} from './pgoutput.ts';

/** Some changes in a row, all of one version of their table. */
export interface Chunk {
  readonly path: string;
  /** Fields after those of `CHANGE_COLUMNS`, in their order. */
  readonly columns: readonly StreamColumn[];
  readonly rows: number;
  /** Bytes of the longest line. */
  readonly longest: number;
  /** Whether a row leaves out values that have not changed. */
  readonly unchanged: boolean;
}

export interface ChangeRowsOptions {
  /** `pg_class.oid`: changes of other tables are only counted. */
  readonly oid: number;
  /** Transactions whose commit lies before are passed over. */
  readonly from: bigint;
  /** The columns that tell rows apart; none where nobody needs to know. */
  readonly key: readonly string[];
  readonly exclude: readonly string[];
  /** Bytes after which a chunk is full. */
  readonly chunkBytes: number;
  readonly pathOf: (chunk: number) => string;
  readonly onChunk: (chunk: Chunk) => void;
}

/** Types whose texts never hold a quote, a comma or a line's end, by `pg_type.oid`. */
const BARE = new Set([16, 17, 20, 21, 23, 26, 700, 701, 1082, 1083, 1114, 1184, 1266, 1700, 2950]);
const EPOCH = 946_684_800_000_000n; // 2000-01-01 in microseconds since 1970

interface Version {
  readonly columns: readonly StreamColumn[];
  /** Of each column to be written: its place in the stream's rows. */
  readonly places: Int32Array;
  readonly bare: readonly boolean[];
  readonly key: readonly number[];
  /** Its name in `_unchanged`, as JSON. */
  readonly names: readonly string[];
}

/** Writes the changes of one table as CSV, a line each, a file for so many bytes and for each version of the table. */
export class ChangeRows implements ChangeHandler {
  readonly #options: ChangeRowsOptions;
  #version: Version | undefined;
  #file: { readonly csv: CsvFile; readonly path: string; unchanged: boolean } | undefined;
  #chunks = 0;
  #skips = false;
  #sequence = 0;
  #lsn = '';
  #time = '';

  constructor(options: ChangeRowsOptions) {
    this.#options = options;
  }

  begin({ lsn, time }: Commit): void {
    this.#skips = lsn < this.#options.from;
    this.#sequence = 0;
    this.#lsn = lsnText(lsn);
    this.#time = timeText(time);
  }

  relation(relation: StreamRelation): void {
    if (relation.oid !== this.#options.oid) return;
    const version = versionOf(relation, this.#options);
    if (this.#version && sameColumns(this.#version, version)) {
      this.#version = version;
      return;
    }
    this.endChunk();
    this.#version = version;
  }

  insert(oid: number, message: Buffer, row: Row): void {
    const sequence = this.#nextSequence();
    if (this.#isTheirs(oid)) this.#write('I', sequence, message, row, undefined);
  }

  update(oid: number, message: Buffer, row: Row, old: Row | undefined): void {
    const sequence = this.#nextSequence();
    if (!this.#isTheirs(oid)) return;
    const moves = old !== undefined && this.#moves(message, row, old);
    if (moves) this.#write('D', sequence, message, old, undefined);
    this.#write('U', sequence + (moves ? 1 : 0), message, row, old);
  }

  delete(oid: number, message: Buffer, old: Row): void {
    const sequence = this.#nextSequence();
    if (this.#isTheirs(oid)) this.#write('D', sequence, message, old, undefined);
  }

  truncate(oids: readonly number[]): void {
    const sequence = this.#nextSequence();
    if (this.#skips || !oids.includes(this.#options.oid)) return;
    const version = this.#known();
    const csv = this.#begin('T', sequence);
    csv.null();
    for (let index = 0; index < version.places.length; index++) csv.null();
    this.#end(csv);
  }

  /** Ends the file that is being written, if there is one. */
  endChunk(): void {
    const file = this.#file;
    if (!file || !this.#version) return;
    this.#file = undefined;
    file.csv.close();
    const { rows, longest } = file.csv;
    const { path, unchanged } = file;
    this.#options.onChunk({ path, columns: this.#version.columns, rows, longest, unchanged });
  }

  /** Gives a file that is open back to the system, after a failure. */
  abandon(): void {
    this.#file?.csv.close();
    this.#file = undefined;
  }

  /** Counted over all tables, so that changes of one transaction keep their order among each other. */
  #nextSequence(): number {
    const sequence = this.#sequence;
    this.#sequence += 2; // a row that moves to another key makes two
    return sequence;
  }

  #isTheirs(oid: number): boolean {
    return oid === this.#options.oid && !this.#skips;
  }

  /** Whether an update gives the row another key. */
  #moves(message: Buffer, row: Row, old: Row): boolean {
    return this.#known().key.some((place) => {
      if (row.kinds[place] !== TEXT || old.kinds[place] !== TEXT) return false;
      const [a, b] = [start(row, place), start(old, place)];
      return message.compare(message, a, end(row, place), b, end(old, place)) !== 0;
    });
  }

  #write(op: string, sequence: number, message: Buffer, row: Row, old: Row | undefined): void {
    const version = this.#known();
    const csv = this.#begin(op, sequence);
    const { places, bare } = version;
    this.#unchanged(csv, version, row, old);
    for (let index = 0; index < places.length; index++) {
      const place = places[index] as number;
      const from = row.kinds[place] === UNCHANGED && old ? old : row;
      if (from.kinds[place] !== TEXT) csv.null();
      else if (bare[index]) csv.bare(message, start(from, place), end(from, place));
      else csv.quoted(message, start(from, place), end(from, place));
    }
    this.#end(csv);
  }

  /** Names the columns whose values were not sent, and are not in the old row either. */
  #unchanged(csv: CsvFile, { places, names }: Version, row: Row, old: Row | undefined): void {
    let left: string[] | undefined;
    for (let index = 0; index < places.length; index++) {
      const place = places[index] as number;
      if (row.kinds[place] === UNCHANGED && old?.kinds[place] !== TEXT)
        (left ??= []).push(names[index] as string);
    }
    if (!left) return csv.null();
    const text = Buffer.from(`[${left.join(',')}]`);
    csv.quoted(text, 0, text.length);
    if (this.#file) this.#file.unchanged = true;
  }

  #begin(op: string, sequence: number): CsvFile {
    const file = (this.#file ??= this.#open());
    const { csv } = file;
    csv.plain(op);
    csv.plain(this.#lsn);
    csv.plain(String(sequence));
    csv.plain(this.#time);
    return csv;
  }

  #end(csv: CsvFile): void {
    csv.endRow();
    if (csv.bytes >= this.#options.chunkBytes) this.endChunk();
  }

  #open() {
    const path = this.#options.pathOf(this.#chunks++);
    return { csv: new CsvFile(path), path, unchanged: false };
  }

  #known(): Version {
    if (this.#version) return this.#version;
    throw new Error('pgoutput: a change came before the description of its table');
  }
}

function versionOf(relation: StreamRelation, { key, exclude }: ChangeRowsOptions): Version {
  const all = relation.columns.map((column, place) => ({ ...column, place }));
  const columns = all.filter(({ name }) => !exclude.includes(name));
  return {
    columns: columns.map(({ name, type, modifier }) => ({ name, type, modifier })),
    places: Int32Array.from(columns.map(({ place }) => place)),
    bare: columns.map(({ type }) => BARE.has(type)),
    key: all.filter(({ name }) => key.includes(name)).map(({ place }) => place),
    names: columns.map(({ name }) => JSON.stringify(name)),
  };
}

function sameColumns(a: Version, b: Version): boolean {
  return JSON.stringify(a.columns) === JSON.stringify(b.columns);
}

function start(row: Row, place: number): number {
  return row.starts[place] as number;
}

function end(row: Row, place: number): number {
  return row.ends[place] as number;
}

/** @param time microseconds since 2000 */
function timeText(time: bigint): string {
  const micros = time + EPOCH;
  const seconds = micros / 1_000_000n;
  const text = new Date(Number(seconds) * 1000).toISOString().slice(0, 19).replace('T', ' ');
  return `${text}.${String(micros - seconds * 1_000_000n).padStart(6, '0')}+00`;
}
