import type { Publication } from '../../core/dashboards/publication.ts';
import type { Instant } from '../../core/interval.ts';

/** One page that was published, and stays. */
export interface Published {
  /** How far the data reached. */
  readonly upTo: Instant;
  /** Of its folder, below the dashboard's: `2018-09-04T000000Z/3f…`. */
  readonly path: string;
}

/** What came of it. */
export interface Publishing extends Published {
  /** False where the page that is there says the same. */
  readonly isNew: boolean;
  /** Of a page whose data weigh more than open at once: what to do. */
  readonly tooHeavy: string | undefined;
}

/** Where dashboards are published: static pages, which need no server. */
export interface Pages {
  /**
   * Writes the page of a publication, then has the dashboard show it where none reaches further. A publication of the same substance as
   * one that is there changes nothing. Killed at any moment, the pages of before are whole. May be repeated.
   * @throws {Unreachable} the place cannot be reached
   */
  publish(publication: Publication): Promise<Publishing>;
  /** What a dashboard has shown, the newest first; of each moment what was published of it last. */
  list(dashboard: string): Promise<readonly Published[]>;
  /** @throws {TerminalError} there is none, or it is damaged */
  read(dashboard: string, path: string): Promise<Publication>;
  /**
   * Removes what a dashboard no longer keeps: from the list first, then its folders. Killed at any moment, the next of this goes on; readers
   * find all that is listed. May be repeated.
   * @returns what goes, or with `dryRun` would
   */
  collect(dashboard: string, options: { readonly dryRun: boolean }): Promise<readonly Published[]>;
  /** What a published page was made into; undefined where there is no such file. */
  file(path: string): Promise<Uint8Array | undefined>;
  /** The page that a publication makes, byte for byte. */
  pageOf(publication: Publication): Promise<string>;
  /** All in one file, which needs no other. */
  inOneFile(publication: Publication): Promise<string>;
}
