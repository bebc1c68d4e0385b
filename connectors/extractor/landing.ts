import type { LoadPlace } from '../../core/layout.ts';
import type { Manifest } from '../../core/manifest.ts';

/** A folder beside the lake in which a remote job leaves files; `S3Lake.landing` gives one. */
export interface Landing {
  /** `s3://bucket/…/`, with a trailing slash. */
  readonly uri: string;
  text(name: string): Promise<string | undefined>;
  put(name: string, text: string): Promise<void>;
  adopt(
    place: LoadPlace,
    draft: Omit<Manifest, 'files' | 'bytes'>,
    folder: string,
  ): Promise<{ readonly manifestUri: string; readonly manifest: Manifest }>;
  clear(): Promise<void>;
}

export interface LandingLake {
  landing(token: string): Landing;
}
