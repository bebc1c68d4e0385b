import type { DatasetVersion, Publication } from '../../core/datasets.ts';

/** An attempt of a task at its datasets: nothing of it is seen before `publish`. */
export interface OpenDatasets {
  /** A folder of its own for each, where the task puts its files: an address (`file:`, `s3:`) that ends without `/`. */
  readonly uris: Readonly<Record<string, string>>;
  /**
   * Makes what the task has left the newest publication: looks at every file, makes them durable, then writes the publication, only
   * if there is none of its number. Datasets that were not opened keep their files, those that
   * are not named stay as they are.
   * @throws {InvalidInput} a dataset's `_dataset.json` is missing or says what is not there
   * @throws {TerminalError} a file is damaged, or the disk is full
   * @throws {TransientError} another run has published since: what was made rests on what no longer is
   */
  publish(
    made: Readonly<Record<string, Pick<DatasetVersion, 'inputs' | 'revision' | 'partitionedBy'>>>,
  ): Promise<Publication>;
  /**
   * Removes everything written; not what work elsewhere has finished, where another attempt may still take it. May be called again; does
   * nothing once published.
   */
  abort(): Promise<void>;
}

/** Tables in the lake that tasks make, and their versions. */
export interface Datasets {
  /** What a task has published last. @throws {InvalidInput} it is damaged */
  current(pipeline: string, task: string): Promise<Publication | undefined>;
  /**
   * @param attempt new: letters, digits and `-`; begins with the id of the run
   * @param upon what the attempt goes on from; undefined: nothing was published yet
   * @param work names what is done elsewhere, by whoever joins it: letters, digits and `-`; begins with the id of the run. Attempts of the
   * same work have one place for its files, where that is apart from what is published. Absent: nobody joins it
   */
  open(
    place: { readonly pipeline: string; readonly task: string; readonly run: string },
    attempt: string,
    names: readonly string[],
    upon: Publication | undefined,
    work?: string,
  ): Promise<OpenDatasets>;
  /** What all files of a dataset lie below, of all versions: ends without `/`. */
  folderUri(pipeline: string, name: string): string;
  /** Where the files of a version are, in its order. */
  fileUris(pipeline: string, name: string, version: Pick<DatasetVersion, 'files'>): readonly string[];
}
