import type { LoadPlace } from '../../core/layout.ts';
import type { Manifest } from '../../core/manifest.ts';

/** A folder beside the lake in which somebody else leaves files; `S3Lake.landing` gives one. */
export interface Landing {
  /** `s3://bucket/…/`, with a trailing slash. */
  readonly uri: string;
  text(name: string): Promise<string | undefined>;
  put(name: string, text: string): Promise<void>;
  /** What is in a folder of it: names as `text` takes them, and sizes in bytes. */
  files(folder: string): Promise<ReadonlyMap<string, number>>;
  /** Adds a file's bytes to the end of a local file. */
  download(name: string, path: string, signal: AbortSignal): Promise<void>;
  adopt(
    place: LoadPlace,
    draft: Omit<Manifest, 'files' | 'bytes'>,
    folder: string,
  ): Promise<{ readonly manifestUri: string; readonly manifest: Manifest }>;
  /** Removes a folder of it, or everything. */
  clear(folder?: string): Promise<void>;
}

export interface LandingLake {
  /** @param area who leaves it: remote jobs (default), or a database that exports */
  landing(token: string, area?: 'extracts' | 'exports'): Landing;
}
