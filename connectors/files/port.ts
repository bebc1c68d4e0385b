/** Files wherever they lie: of the lake, of a folder of this machine, of a bucket. */
export interface Files {
  /**
   * The files of a name, in its order: `s3://bucket/key`, an absolute path, or a path within the lake. `*` stands for any part of a
   * name, a name that ends with `/` for everything in that folder. A file of a folder that is being written counts only when it has
   * been left alone for some seconds; an object in S3 is there whole or not at all.
   * @returns absolute paths or `s3://` URIs; none where there are none
   * @throws {TerminalError} there are more than a step's result may hold, or the place may not be read
   * @throws {TransientError} the place could not be reached
   * @throws the signal's reason
   */
  find(name: string, signal: AbortSignal): Promise<readonly string[]>;
}
