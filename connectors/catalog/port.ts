import type { DatasetColumn } from '../../core/datasets.ts';

/** A dataset as of one version. */
export interface CatalogTable {
  readonly schema: string;
  readonly table: string;
  readonly columns: readonly DatasetColumn[];
  readonly partitionedBy: readonly string[];
  /** What the files of all its versions lie below; ends without `/`. */
  readonly folderUri: string;
  /** Of its Parquet files, which lie in folders that name their partition. */
  readonly fileUris: readonly string[];
}

/** Where datasets are read as tables. What it says follows the lake's publications, and can be made from them anew. */
export interface Catalog {
  /**
   * Lets tables be these versions. Where the catalog has transactions (DuckDB) all of them from one moment on; where it has none (Glue)
   * each table, and each of its partitions, at its own. May be repeated; the newest wins.
   * @throws {TerminalError} what is there was made by others, or a folder does not hold what was published
   * @throws {TransientError} the catalog is busy or cannot be reached
   */
  point(tables: readonly CatalogTable[], signal: AbortSignal): Promise<void>;
}
