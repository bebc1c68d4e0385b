import type { ArrivedFile, ClaimedFile } from '../../core/arrived-file.ts';
import type { DataInterval } from '../../core/interval.ts';
import type { Coercion, Reach } from '../../core/manifest.ts';
import type { Mark, MarkName } from '../../core/mark.ts';
import type { ResolvedTable } from '../../core/pipeline.ts';
import type { TableSchema } from '../../core/schema.ts';

export interface ExtractRequest {
  /** Whose stream of changes is read; only `changes` needs it. */
  readonly pipeline?: string;
  readonly table: ResolvedTable;
  readonly interval: DataInterval;
  /**
   * Where `changes` goes on, and `incremental`, minus the lookback. Undefined: it begins. A mark of another column, or of another type of it, is
   * not used: the table is read from its beginning where rows are merged, and refused where they are appended.
   */
  readonly mark?: Mark | undefined;
  /** An interval whose rows are counted in the snapshot, too, and not read. */
  readonly before?: DataInterval | undefined;
  /** Of a table of files: those that are read, in order of arrival. */
  readonly arrived?: readonly ClaimedFile[] | undefined;
  /** An existing, empty local folder that takes the files. */
  readonly directory: string;
  /** Called about once a second while rows flow, with bytes written so far; before that, with what is waited for. */
  readonly onProgress?: (progress: { readonly bytes: number; readonly waitingFor?: string }) => void;
}

/** What an extraction left in the folder: `part-<n>.parquet`, none where there are no rows. */
export interface Extracted {
  /** In the order of the files' columns. Known even when there are no rows. */
  readonly schema: TableSchema;
  /** Paths are relative to the folder, as a manifest has them. Rows keep the order that the source gave them in. */
  readonly files: readonly { readonly path: string; readonly rows: number }[];
  readonly rows: number;
  /**
   * Greatest cursor value in the files, as exact text that the source reads back; null where there are no rows or no
   * cursor. Never below the mark that the request gave: rows that a lookback reads again do not lower it.
   */
  readonly highWaterMark: string | null;
  /** The zone that times without zone and dates were read in; UTC when absent. */
  readonly timezone?: string;
  /** What the mark is a value of; absent for a snapshot. */
  readonly cursor?: MarkName;
  /** Of an extraction of what is new: the mark that it was read from, null for the beginning. */
  readonly since?: string | null;
  /** How many rows the interval `before` of the request has; absent where it names none, or days of it cannot be told apart. */
  readonly before?: { readonly interval: DataInterval; readonly rows: number };
  readonly reach: Reach;
  /** What is no failure, and should be looked at: what follows the table's name in a sentence. */
  readonly notes?: readonly string[];
  readonly coercions: readonly Coercion[];
  /** Of files: what `_file` says of those whose rows of before these take the place of. */
  readonly replaces?: readonly string[];
  /** Those of them that have no row. */
  readonly emptied?: readonly string[];
  /** Of files: those that other bytes had the name of by now, so nothing of them was read. */
  readonly passedOver?: readonly ClaimedFile[];
  /** When the snapshot was taken, by the source's clock: ISO 8601 with microseconds, UTC. */
  readonly extractedAt: string;
}

/** An extraction whose rows the source is asked to write into S3 by itself. */
export interface ExportRequest extends Omit<ExtractRequest, 'directory' | 'arrived' | 'onProgress'> {
  /** Files are called `<prefix>part-<n>`; where one would be too large, `<prefix>part-<n>_part2`, `_part3` and so on go on with it. */
  readonly to: { readonly bucket: string; readonly prefix: string; readonly region: string };
  /** Whose it is: letters, digits, `-`, `_`, `.`. `end` finds by it what is under way. */
  readonly token: string;
  readonly onProgress?: (
    progress: { readonly parts: number; readonly of: number } | { readonly waitingFor: string },
  ) => void;
}

/**
 * What an export left: CSV without a header, the columns of the schema in their order. Every value is quoted, `""` is a quote; NULL is `\N` without
 * quotes. UTF-8, the texts those of PostgreSQL in ISO dates, UTC, hexadecimal bytes.
 */
export interface Exported extends Omit<Extracted, 'files'> {
  readonly parts: readonly {
    readonly name: string;
    readonly rows: number;
    /** Files that it is spread over. */
    readonly files: number;
    readonly bytes: number;
  }[];
}

/** A source that writes files into S3 by itself: no row passes through this process. */
export interface TableExports {
  /**
   * May be called again, with another prefix. Changes nothing in the source.
   * @throws as `Source.extract` does; {TerminalError} the source cannot export, or may not write there @throws {Unreachable} it does not reach S3
   * @throws the signal's reason, when it fires: what is under way is being ended, files may be left, also half ones
   */
  write(request: ExportRequest, signal: AbortSignal): Promise<Exported>;
  /** Ends what is under way for a token, whoever asked for it, and returns once it has ended. @throws {TransientError} it does not end */
  end(token: string): Promise<void>;
}

/** What a source keeps for a pipeline that reads its changes. */
export interface StreamState {
  /** What the slot and the publication are called. */
  readonly stream: string;
  /** Null: of none that was asked for. */
  readonly pipeline: string | null;
  /** The tables whose changes are kept, as `schema.table`. */
  readonly tables: readonly string[];
  /** Null: there is none. */
  readonly slot: {
    /** The process that reads it now. */
    readonly activePid: number | null;
    /** `reserved`, `extended`, `unreserved`, or `lost`: the source has given it up. */
    readonly wal: string | null;
    /** Why the source has given it up. */
    readonly invalidated: string | null;
    /** Bytes of the log that the source cannot remove because of it; null where it holds none any more. */
    readonly retainedBytes: number | null;
    /** Bytes of the log that were written since what has been loaded. */
    readonly lagBytes: number | null;
    /** Bytes that may be written before the source gives it up; null: it never does. */
    readonly safeBytes: number | null;
  } | null;
}

/** The streams of changes that a source keeps for pipelines. Until a stream is advanced or dropped, the source keeps its log from there on. */
export interface ChangeStreams {
  /**
   * Lets the source forget what is loaded: up to the least of these marks of the pipeline's tables. May be called again; never goes back.
   * @throws {TransientError} the source is away
   */
  advance(pipeline: string, marks: readonly string[]): Promise<void>;
  /** The streams of these pipelines, and others of ours that are there. */
  states(pipelines: readonly string[]): Promise<readonly StreamState[]>;
  /** Drops a pipeline's stream: the next run makes it anew. @returns false where there was none @throws {TerminalError} it is being read */
  drop(pipeline: string): Promise<boolean>;
}

/** Where files arrive. */
export interface Arrivals {
  /** A file changes while it is being written; false where it is there whole or not at all. */
  readonly grow: boolean;
  /**
   * The files of a place. @param pattern of keys within the place; `*` is any part of one name
   * @throws {TerminalError} there is no such place, or it may not be read @throws {TransientError} it cannot be reached
   */
  list(place: string, pattern: string, signal: AbortSignal): Promise<readonly ArrivedFile[]>;
}

/**
 * An operational database that tables are read from.
 *
 * Bounds and rows of one extraction come from one snapshot. Values arrive exactly, or the call throws naming table,
 * column and what to do. Rows never become JavaScript objects.
 */
export interface Source {
  /** Columns and canonical types of a table. May be called again at any time. */
  describe(table: ResolvedTable): Promise<TableSchema>;
  /**
   * Reads a table's rows into Parquet files (zstd). May be called again with another, empty folder; changes nothing in the source.
   * @throws {TerminalError} the table, a column or a permission is missing; a value has no exact counterpart; a cursor is null
   * @throws {TransientError} the connection was refused or lost; a lock or a transaction in flight is in the way
   * @throws the signal's reason, when it fires: nothing is left open on either side, files may be left in the folder
   */
  extract(request: ExtractRequest, signal: AbortSignal): Promise<Extracted>;
  /**
   * The first row that a statement gives, its values as text, null for NULL; undefined where it gives none. The statement may only
   * read, and is given up after 30 seconds.
   * @throws {TerminalError} the statement is refused @throws {TransientError} the source is away or too slow @throws the signal's reason
   */
  firstRow(
    statement: string,
    signal: AbortSignal,
  ): Promise<Readonly<Record<string, string | null>> | undefined>;
  /** Absent: no files arrive at it. */
  readonly arrivals?: Arrivals;
  /** Absent: it does not write files by itself. */
  readonly exports?: TableExports;
  /** Absent: the source has no streams of changes. */
  readonly changes?: ChangeStreams;
  /** Ends connections. The source cannot be used afterwards. */
  close(): Promise<void>;
}
