/** A file that stands at a place. */
export interface ArrivedFile {
  /** Within the place: `2016/a b.csv`. */
  readonly key: string;
  /** What tells its bytes from others of the same key, as well as the place can. */
  readonly version: string;
  readonly bytes: number;
  /** When it was written, by the place's clock: ISO 8601. */
  readonly arrivedAt: string;
}

/** A file that a run is to read. */
export interface ClaimedFile extends Pick<ArrivedFile, 'key' | 'version' | 'bytes'> {
  /** The folder below the root of the source. */
  readonly place: string;
  /** False where another version of it was claimed later. */
  readonly newest: boolean;
}
