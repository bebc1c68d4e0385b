/** A folder or a bucket that pages are written to. Paths are of letters, digits, `.`, `-`, `_` and `/`. */
export interface Place {
  /** Where it is, for people. */
  readonly name: string;
  /** Undefined where there is none. */
  read(path: string): Promise<Uint8Array | undefined>;
  /** Whole or not at all; in the place of what was there. */
  write(path: string, text: string): Promise<void>;
  /** Whatever was there, there is nothing after. May be called again. */
  remove(path: string): Promise<void>;
  /**
   * Reads a file and writes what `by` makes of it (undefined: there is none), as if nobody else wrote it meanwhile: of several that change
   * it at once, in whichever processes, no change is lost. `by` may be called again. Where the text stays the same nothing is written.
   * @returns what is there then
   * @throws {Unreachable | TransientError} others were at it all the time
   */
  change(path: string, by: (before: string | undefined) => string): Promise<string>;
}

/** Whether a path stays below the place that it is of. */
export function isBelow(path: string): boolean {
  return /^[\w-][\w.-]*(\/[\w-][\w.-]*)*$/.test(path);
}
