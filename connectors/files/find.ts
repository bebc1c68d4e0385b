import { isAbsolute } from 'node:path';
import type { S3Client } from '@aws-sdk/client-s3';
import { TerminalError } from '../../core/errors.ts';
import { filesOf } from './folder.ts';
import type { Files } from './port.ts';

const MOST = 1_000; // files that one step may wait for

export interface FoundFilesOptions {
  /** Where names without a place begin: the lake's own folder, or `s3://bucket/prefix`. */
  readonly lake: string;
  /** Asked for with the first name in S3. */
  readonly s3: () => Promise<S3Client>;
}

export class FoundFiles implements Files {
  readonly #options: FoundFilesOptions;

  constructor(options: FoundFilesOptions) {
    this.#options = options;
  }

  async find(name: string, signal: AbortSignal): Promise<readonly string[]> {
    const { lake, s3 } = this.#options;
    const place = isAbsolute(name) || name.startsWith('s3://') ? name : `${lake.replace(/\/+$/, '')}/${name}`;
    const pattern = place.endsWith('/') ? `${place}*` : place;
    const [, bucket, key = ''] = /^s3:\/\/([^/]+)\/(.*)$/s.exec(pattern) ?? [];
    const files =
      bucket === undefined
        ? filesOf(pattern, signal)
        : (await import('./s3.ts')).objectsOf(await s3(), bucket, key, signal);
    const found: string[] = [];
    for await (const file of files) {
      if (found.length === MOST)
        throw new TerminalError(
          `More than ${MOST} files are called ${place}. Wait for a narrower name, or for one file that is written last.`,
        );
      found.push(file);
    }
    return found;
  }
}
