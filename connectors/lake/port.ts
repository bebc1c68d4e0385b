import type { LoadPlace } from '../../core/layout.ts';
import type { Manifest } from '../../core/manifest.ts';

/** A load that is being written: nothing of it belongs to the lake before `commit`. */
export interface OpenLoad {
  /** A local folder for the files. In a folder lake it is the load's own place, else files are uploaded at `commit`. */
  readonly directory: string;
  /**
   * Makes the load part of the lake: measures and checks the files, then writes the manifest, only if there is none.
   * @returns where the manifest is
   * @throws {TerminalError} when the load id is already taken, or a file is missing
   */
  commit(draft: ManifestDraft): Promise<CommittedLoad>;
  /** Removes everything written. May be called again, and after `commit` failed. */
  abort(): Promise<void>;
}

/** A manifest before the lake has measured its files. */
export type ManifestDraft = Omit<Manifest, 'files' | 'bytes'> & {
  readonly files: readonly { readonly path: string; readonly rows: number }[];
};

export interface CommittedLoad {
  readonly manifestUri: string;
  readonly manifest: Manifest;
}

export interface GcReport {
  readonly removedLoads: number;
  readonly removedFiles: number;
  readonly removedBytes: number;
}

/** Where extracted files live: a folder or an object store. Readers go by manifest, never by listing files. */
export interface Lake {
  /** Starts a load. Folder and load id must be new: every attempt has its own. */
  open(place: LoadPlace): Promise<OpenLoad>;
  /** @throws {TerminalError} when there is none or it is damaged */
  readManifest(manifestUri: string): Promise<Manifest>;
  /** Where the warehouse finds the files of a load, in the order of the manifest. */
  fileUris(manifestUri: string, manifest: Manifest): readonly string[];
  /** All committed loads of a table, oldest first by load id. */
  list(table: { readonly domain: string; readonly table: string }): AsyncIterable<CommittedLoad>;
  /** Removes a load: the manifest first, so that no reader meets one without files. May be called again. */
  remove(manifestUri: string): Promise<void>;
  /**
   * Removes loads that are no longer current — another one of the same pipeline and interval is newer — and the remains of
   * attempts that never committed, both only when older than `olderThanMs`. Loads named in `keep` stay.
   */
  gc(options: {
    readonly olderThanMs: number;
    readonly keep: ReadonlySet<string>;
    readonly dryRun: boolean;
  }): Promise<GcReport>;
}
