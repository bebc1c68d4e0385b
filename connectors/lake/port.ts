import type { LoadPlace } from '../../core/layout.ts';
import type { Manifest } from '../../core/manifest.ts';
import type { Datasets } from './datasets.ts';

export type { Datasets, OpenDatasets } from './datasets.ts';

/** A load that is being written: nothing of it belongs to the lake before `commit`. */
export interface OpenLoad {
  /** A local folder for the files, absolute. In a folder lake it is the load's own place, else files are uploaded at `commit`. */
  readonly directory: string;
  /**
   * Makes the load part of the lake: measures the files, holds them against the draft and their own footers, makes them
   * durable, then writes the manifest, only if there is none. When it throws, nothing was committed; then `abort`.
   * @returns where the manifest is
   * @throws {TerminalError} a file is missing, not drafted, damaged or of other rows; the load id is already taken; the disk is full
   * @throws {TransientError} the lake could not be reached
   */
  commit(draft: ManifestDraft): Promise<CommittedLoad>;
  /** Removes everything written. May be called again, and after `commit` failed; does nothing once committed. */
  abort(): Promise<void>;
}

/** A manifest before the lake has measured its files. */
export type ManifestDraft = Omit<Manifest, 'files' | 'bytes'> & {
  readonly files: readonly { readonly path: string; readonly rows: number }[];
};

export interface CommittedLoad {
  /** An absolute path in a folder lake, `s3://bucket/key` in an object store. */
  readonly manifestUri: string;
  readonly manifest: Manifest;
}

export interface GcReport {
  /** Committed loads and remains of attempts. */
  readonly removedLoads: number;
  readonly removedFiles: number;
  readonly removedBytes: number;
}

export interface OpenRun {
  readonly runId: string;
  readonly pipeline: string;
  readonly startedAt: string;
}

/** A table of a pipeline. */
export type LakeTable = Pick<LoadPlace, 'pipeline' | 'domain' | 'table'>;

/** Where extracted files live: a folder or an object store. Readers go by manifest, never by listing files. */
export interface Lake {
  /** What tasks make there. */
  readonly datasets: Datasets;
  /**
   * Starts a load. Its id must be new: every attempt has its own.
   * @throws {TerminalError} the id is taken, a name is no path segment, or the lake may not be written
   */
  open(place: LoadPlace): Promise<OpenLoad>;
  /** @throws {TerminalError} when there is none or it is damaged */
  readManifest(manifestUri: string): Promise<Manifest>;
  /** Where the warehouse finds the files of a load, in the order of the manifest. */
  fileUris(manifestUri: string, manifest: Manifest): readonly string[];
  /** All committed loads of a pipeline's table, oldest first by load id, wherever versions before have put them. Loads that go meanwhile are left out. */
  list(table: LakeTable): AsyncIterable<CommittedLoad>;
  /** Removes a load: the manifest first, so that no reader meets one without files. May be called again. */
  remove(manifestUri: string): Promise<void>;
  /**
   * Removes loads that are no longer current — another one of the same pipeline, table and interval is newer — and the remains of
   * attempts that never committed, both only when older than `olderThanMs`. A load in `applied` or `inUse` stays. An
   * incremental load holds what came after the one before it, so it goes only if it was never applied and a newer one of
   * its pipeline and table was: that one has read the same rows again. May run beside writers.
   *
   * Of datasets, it removes publications that another one has replaced longer ago than that, and files that none of the rest names. The
   * newest publication of a task stays, and what runs in `runs` may be reading or writing.
   */
  gc(options: {
    readonly olderThanMs: number;
    /** Ids of the loads that the warehouse needs: those that its rows come from, and the newest of every interval. */
    readonly applied: ReadonlySet<string>;
    /** Ids of the loads that a run may still bring into the warehouse. */
    readonly inUse: ReadonlySet<string>;
    /** The runs that are open, and since when; none where absent. */
    readonly runs?: readonly OpenRun[];
    readonly dryRun: boolean;
  }): Promise<GcReport>;
}
