import { lstat, readdir, realpath } from 'node:fs/promises';
import { join, sep } from 'node:path';
import type { ArrivedFile, ClaimedFile } from '../../../core/arrived-file.ts';
import { messageOf, TerminalError } from '../../../core/errors.ts';
import { matcher } from '../../../core/file-pattern.ts';
import { isShown, type OpenedFile, type Place } from './place.ts';

const AT_ONCE = 64; // files that are looked at together

/** A folder of this machine, of which plain files and folders are seen, and no links. A version is a file's size and the time of its last change, in nanoseconds. */
export class FolderPlace implements Place {
  readonly grow = true;
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
  }

  nameOf(place: string, key: string): string {
    return join(this.#root, place, key);
  }

  async list(place: string, pattern: string, signal: AbortSignal): Promise<readonly ArrivedFile[]> {
    const folder = join(this.#root, place);
    await this.#mustBeBelow(folder);
    const keys = (await this.#keys(folder, '', pattern.split('/'), signal)).filter((key) =>
      isShown(key, pattern),
    );
    const files: ArrivedFile[] = [];
    for (let at = 0; at < keys.length; at += AT_ONCE) {
      signal.throwIfAborted();
      const seen = await Promise.all(keys.slice(at, at + AT_ONCE).map((key) => versioned(folder, key)));
      files.push(...seen.filter((file) => file !== undefined));
    }
    return files;
  }

  async open({ place, key, version }: ClaimedFile): Promise<OpenedFile | 'replaced' | 'gone'> {
    const folder = join(this.#root, place);
    const now = () => versioned(folder, key);
    const found = await now();
    if (!found) {
      await namesIn(folder, true);
      return 'gone';
    }
    await this.#mustBeBelow(join(folder, key));
    if (found.version !== version) return 'replaced';
    return {
      path: join(folder, key),
      isSame: async () => (await now())?.version === version,
      close: () => Promise.resolve(),
    };
  }

  /** A link on the way leads anywhere. */
  async #mustBeBelow(path: string): Promise<void> {
    try {
      const [root, real] = await Promise.all([realpath(this.#root), realpath(path)]);
      if (real === root || real.startsWith(root.endsWith(sep) ? root : root + sep)) return;
    } catch (error) {
      if (isMissing(error)) return; // is said where it is read
      throw unreadable(path, error);
    }
    throw new TerminalError(
      `${path} is outside of ${this.#root}, the root of the connection: a link leads there. Make the folder itself the root, or move it below.`,
    );
  }

  async #keys(
    folder: string,
    below: string,
    [name = '', ...rest]: readonly string[],
    signal: AbortSignal,
  ): Promise<string[]> {
    signal.throwIfAborted();
    const fits = matcher(name);
    const entries = await namesIn(join(folder, below), below === '');
    const fitting = entries.filter((entry) => fits.test(entry.name) && entry.isFolder === rest.length > 0);
    const unnamed = fitting.find(({ isExact }) => !isExact);
    if (unnamed)
      throw new TerminalError(
        `${join(folder, below, unnamed.name)}: this name is not of UTF-8, so it cannot be told what it is called. Rename it; nothing is taken from there until then.`,
      );
    const found = fitting.map((entry) => (below ? `${below}/${entry.name}` : entry.name));
    if (!rest.length) return found;
    const deeper: string[] = [];
    for (const each of found) deeper.push(...(await this.#keys(folder, each, rest, signal)));
    return deeper;
  }
}

/** Undefined for what is no file, or no longer there. */
async function versioned(folder: string, key: string): Promise<ArrivedFile | undefined> {
  try {
    const found = await lstat(join(folder, key), { bigint: true });
    if (!found.isFile()) return undefined;
    return {
      key,
      version: `${found.size}-${found.mtimeNs}`,
      bytes: Number(found.size),
      arrivedAt: new Date(Number(found.mtimeNs / 1_000_000n)).toISOString(),
    };
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw unreadable(join(folder, key), error);
  }
}

interface Entry {
  readonly name: string;
  readonly isFolder: boolean;
  /** False where the name has bytes that are no UTF-8, which `name` shows as something else. */
  readonly isExact: boolean;
}

/** Files and folders by name, without links and whatever else there is. @param isRoot the place itself must be there; what is below it may have gone meanwhile, or be a file */
async function namesIn(folder: string, isRoot: boolean): Promise<Entry[]> {
  try {
    return (await readdir(folder, { encoding: 'buffer', withFileTypes: true }))
      .filter((entry) => entry.isFile() || entry.isDirectory())
      .map((entry) => {
        const name = entry.name.toString();
        return { name, isFolder: entry.isDirectory(), isExact: Buffer.from(name).equals(entry.name) };
      })
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    if (!isMissing(error)) throw unreadable(folder, error);
    if (!isRoot) return [];
    throw new TerminalError(
      `There is no folder ${folder}, where files are to arrive. Make it, or correct 'place' of the pipeline or 'root' of the connection.`,
      { cause: error },
    );
  }
}

function isMissing(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' || code === 'ENOTDIR';
}

function unreadable(path: string, error: unknown): TerminalError {
  return new TerminalError(`${path} cannot be read: ${messageOf(error)}. Let the worker's user read it.`, {
    cause: error,
  });
}
