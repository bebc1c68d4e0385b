import type { ClaimedFile } from '../../../core/arrived-file.ts';
import type { Arrivals } from '../port.ts';

/** A claimed file, ready to be read here. */
export interface OpenedFile {
  /** On this machine. */
  readonly path: string;
  /** Whether it is still the version that was claimed: asked when it has been read. */
  isSame(): Promise<boolean>;
  /** Removes what was copied for it. May be called again. */
  close(): Promise<void>;
}

/** A root that files arrive below. */
export interface Place extends Arrivals {
  /** In words: `/data/in/user_behaviour/a.csv`. */
  nameOf(place: string, key: string): string;
  /**
   * @param scratch an empty folder for copies
   * @returns `replaced` where other bytes have its name by now, `gone` where none have
   * @throws {TerminalError} the place itself is not there
   */
  open(file: ClaimedFile, scratch: string, signal: AbortSignal): Promise<OpenedFile | 'replaced' | 'gone'>;
}

/** Names that begin with a point are of programs at work, unless they are asked for. */
export function isShown(key: string, pattern: string): boolean {
  const asked = pattern.split('/');
  return key.split('/').every((name, at) => !name.startsWith('.') || asked[at]?.startsWith('.') === true);
}
