import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { TerminalError, messageOf } from '../../core/errors.ts';
import { matcher } from '../../core/file-pattern.ts';

const LEFT_ALONE_MS = 5_000; // a file that somebody still writes changes more often than that

/** Files of this machine. @param pattern an absolute path, in which names may hold `*` */
export async function* filesOf(pattern: string, signal: AbortSignal): AsyncIterable<string> {
  yield* below('/', pattern.split('/').filter(Boolean), signal);
}

async function* below(folder: string, names: readonly string[], signal: AbortSignal): AsyncIterable<string> {
  signal.throwIfAborted();
  const [name = '', ...rest] = names;
  for (const each of await named(folder, name)) {
    const path = join(folder, each);
    if (rest.length) yield* below(path, rest, signal);
    else if (await isWhole(path)) yield path;
  }
}

async function named(folder: string, name: string): Promise<string[]> {
  if (!name.includes('*')) return [name];
  const fits = matcher(name);
  const all = (await readable(folder, () => readdir(folder))) ?? [];
  return all.filter((each) => fits.test(each)).sort();
}

async function isWhole(path: string): Promise<boolean> {
  const found = await readable(path, () => stat(path));
  return found !== undefined && found.isFile() && Date.now() - found.mtimeMs >= LEFT_ALONE_MS;
}

/** Undefined for what is not there. */
async function readable<T>(path: string, read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new TerminalError(
      `${path} cannot be looked at: ${messageOf(error)}. Let the worker's user read it.`,
      {
        cause: error,
      },
    );
  }
}
