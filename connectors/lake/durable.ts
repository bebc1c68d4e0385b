import { createHash } from 'node:crypto';
import { constants, existsSync } from 'node:fs';
import { access, link, mkdir, open, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { codeOf } from './errors.ts';
import { thenCleanUp } from '../../core/clean-up.ts';

const CHUNK_BYTES = 1024 * 1024;

/** Reads a file once, in constant memory, and makes it durable. */
export async function measured(path: string): Promise<{ readonly bytes: number; readonly sha256: string }> {
  const file = await open(path, 'r+'); // fsync needs the right to write on some systems
  const read = async () => {
    const hash = createHash('sha256');
    let bytes = 0;
    for await (const chunk of file.createReadStream({ autoClose: false, highWaterMark: CHUNK_BYTES })) {
      hash.update(chunk as Buffer);
      bytes += (chunk as Buffer).length;
    }
    await file.sync();
    return { bytes, sha256: hash.digest('hex') };
  };
  return thenCleanUp(read, () => file.close());
}

/** Makes the names in a folder durable. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  await thenCleanUp(
    () => folder.sync(),
    () => folder.close(),
  );
}

/** Makes a folder and its missing parents durable. @throws `EEXIST` when the folder itself is there */
export async function makeFolder(path: string, parentsBelow: string): Promise<void> {
  for (;;) {
    await makeParents(dirname(path));
    try {
      await mkdir(path);
      break;
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw error; // a collector has just pruned the empty parent: make it again
    }
  }
  for (let at = dirname(path); at.length >= parentsBelow.length; at = dirname(at)) {
    await syncFolder(at);
    if (at === parentsBelow) break;
  }
}

/** Node says `ENOENT` where a disk is read-only: asks the folder that is there for the true reason. */
async function makeParents(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
    let there = folder;
    while (!existsSync(there)) there = dirname(there);
    await access(there, constants.W_OK);
    throw error;
  }
}

/**
 * Writes a file that is whole or absent, whatever happens meanwhile, and never in the place of another.
 * @throws `EEXIST` when there is one of that name
 */
export async function writeOnce(path: string, text: string): Promise<void> {
  const folder = dirname(path);
  const draft = join(folder, `.draft-${process.pid}-${Math.random().toString(36).slice(2)}`);
  const write = async () => {
    const file = await open(draft, 'wx');
    await thenCleanUp(
      async () => {
        await file.writeFile(text);
        await file.sync();
      },
      () => file.close(),
    );
    await link(draft, path);
  };
  await thenCleanUp(write, () => rm(draft, { force: true }));
  await syncFolder(folder);
}
