import type { DataInterval } from '../../core/interval.ts';
import type { Manifest } from '../../core/manifest.ts';
import type { Mark } from '../../core/mark.ts';
import type { ResolvedTable } from '../../core/pipeline.ts';

export interface ExtractAllRequest {
  readonly pipeline: string;
  readonly interval: DataInterval;
  readonly tables: readonly {
    readonly table: ResolvedTable;
    /** Where an incremental extraction goes on; undefined: it begins. */
    readonly mark: Mark | undefined;
    /** What is read of it, where that is not the run's interval: of a table with a window. */
    readonly interval?: DataInterval;
    /** An interval whose rows are counted in the same snapshot, and not read. */
    readonly before?: DataInterval | undefined;
    /** Of the load that this call commits: new for every attempt, sorts by time. */
    readonly loadId: string;
  }[];
  /** Names the reading of these tables for this run: letters, digits, `-`, `_`. Attempts of one step share it. */
  readonly token: string;
}

/** What became of one table. */
export type ExtractedTable =
  | { readonly table: string; readonly manifestUri: string; readonly manifest: Manifest }
  | { readonly table: string; readonly error: Error };

/** Reads all tables of a run at once, somewhere else: no row passes through this process. */
export interface Extractor {
  /**
   * May be called again with the same token, after a failure or this process's death: work that is under way or done is
   * joined, not repeated, until the token is released. Only what a manifest lists belongs to the lake, so other remains are harmless.
   * @returns one entry for each table, in their order; a table's failure is a `PipelineError` in its entry
   * @throws {TerminalError | TransientError} what concerns all tables: the job is not deployed, could not start, or ended without results
   * @throws the signal's reason when aborted; nothing is under way any more then, unless the reason is `HandedOver`
   */
  extractAll(
    request: ExtractAllRequest,
    signal: AbortSignal,
    onProgress?: (details: unknown) => void,
  ): Promise<readonly ExtractedTable[]>;

  /** Removes what attempts with a token have left for each other, once none of them comes any more. May be repeated. */
  release(token: string): Promise<void>;
}
