import { datasetPath } from '../../../core/datasets.ts';
import { TerminalError } from '../../../core/errors.ts';
import { MANIFEST_NAME, type LoadPlace } from '../../../core/layout.ts';
import { loadFolder, tableFolders } from '../places.ts';
import type { LakeTable } from '../port.ts';
import { publicationsPath } from '../publications.ts';

/** Lies in a load's folder from `open` to `commit`; whoever takes it away ends the load. */
export const OPEN_MARK = '_open';

/** Each has whoever writes there, and nobody else. */
export const LANDING_AREAS = ['extracts', 'exports'] as const;
export type LandingArea = (typeof LANDING_AREAS)[number];

const LOAD_FOLDER = /^bronze\/[^/]+\/[^/]+\/year=\d+\/month=\d+\/day=\d+\/load=([^/]+)\/$/;

/** Where things are in the bucket. Folders end with `/`, so that no longer name shares their prefix. */
export class S3Places {
  readonly #bucket: string;
  /** Empty, or ends with `/`. */
  readonly #prefix: string;

  constructor(bucket: string, prefix: string) {
    this.#bucket = bucket;
    const trimmed = prefix.replace(/^\/+|\/+$/g, '');
    this.#prefix = trimmed ? `${trimmed}/` : '';
  }

  /** All loads. */
  get bronze(): string {
    return `${this.#prefix}bronze/`;
  }

  /** What others leave: remote jobs in `extracts`, databases in `exports`; a token's own where one is given. @throws {TerminalError} when it could lead elsewhere */
  landing(area: LandingArea, token?: string): string {
    if (token === undefined) return `${this.#prefix}${area}/`;
    if (!/^\w[\w.-]{0,200}$/.test(token)) {
      throw new TerminalError(
        `The token '${token}' must be of letters, digits, '_', '-' and '.'. Correct it.`,
      );
    }
    return `${this.#prefix}${area}/${token}/`;
  }

  /** Publications of all tasks. */
  get allPublications(): string {
    return `${this.#prefix}datasets/`;
  }

  /** Those of one. */
  publications(pipeline: string, task: string): string {
    return `${this.#prefix}${publicationsPath(pipeline, task)}/`;
  }

  /** What datasets are in, all of them. */
  get layers(): readonly string[] {
    return [`${this.#prefix}silver/`, `${this.#prefix}gold/`];
  }

  /** The folder of a dataset. */
  dataset(pipeline: string, name: string): string {
    return `${this.#prefix}${datasetPath(pipeline, name)}/`;
  }

  /** The name of the folder in a dataset's that a key lies in, or undefined. */
  attemptOf(key: string): string | undefined {
    const inside = key.startsWith(this.#prefix) ? key.slice(this.#prefix.length) : '';
    return /^(?:silver|gold)\/[^/]+\/[^/]+\/([^/]+)\//.exec(inside)?.[1];
  }

  /** @throws {InvalidInput} when a name could lead elsewhere */
  load(place: LoadPlace): string {
    return `${this.#prefix}${loadFolder('', place)}/`;
  }

  /** The folders that loads of a table are in. */
  tables(table: LakeTable): string[] {
    return tableFolders('', table).map((folder) => `${this.#prefix}${folder}/`);
  }

  /** The load whose folder a key lies in, or undefined. */
  loadOf(key: string): { readonly folder: string; readonly loadId: string } | undefined {
    const folder = key.slice(0, key.lastIndexOf('/') + 1);
    const loadId = folder.startsWith(this.#prefix)
      ? LOAD_FOLDER.exec(folder.slice(this.#prefix.length))?.[1]
      : undefined;
    return loadId === undefined ? undefined : { folder, loadId };
  }

  /** The key of a manifest's URI. @throws {TerminalError} when it is none of this lake's */
  manifestKey(uri: string): string {
    const root = `s3://${this.#bucket}/`;
    const key = uri.startsWith(root) ? uri.slice(root.length) : '';
    if (this.loadOf(key) && key.endsWith(`/${MANIFEST_NAME}`)) return key;
    throw new TerminalError(
      `${uri} is no manifest of the lake in ${root}${this.#prefix}. Give the URI that the extract step reported.`,
    );
  }
}

export function folderOf(key: string): string {
  return key.slice(0, key.lastIndexOf('/') + 1);
}
