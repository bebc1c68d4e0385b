/** A folder or a bucket that pages are written to. Paths are of letters, digits, `.`, `-`, `_` and `/`. */
export interface Place {
  /** Where it is, for people. */
  readonly name: string;
  /** Undefined where there is none. */
  read(path: string): Promise<Uint8Array | undefined>;
  /** Whole or not at all; in the place of what was there. */
  write(path: string, text: string): Promise<void>;
}

/** Whether a path stays below the place that it is of. */
export function isBelow(path: string): boolean {
  return /^[\w-][\w.-]*(\/[\w-][\w.-]*)*$/.test(path);
}
