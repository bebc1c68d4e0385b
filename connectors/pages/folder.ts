import { randomUUID } from 'node:crypto';
import { mkdir, open, readFile, rename, rm, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { orCleanUp, thenCleanUp } from '../../core/clean-up.ts';
import { TransientError, messageOf } from '../../core/errors.ts';
import { alone } from './alone.ts';
import type { Place } from './place.ts';

/** A folder of this machine. */
export class FolderPlace implements Place {
  readonly name: string;

  constructor(path: string) {
    this.name = path;
  }

  async read(path: string): Promise<Uint8Array | undefined> {
    try {
      return await readFile(join(this.name, path));
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT' || code === 'EISDIR' || code === 'ENOTDIR') return undefined;
      throw error;
    }
  }

  async write(path: string, text: string): Promise<void> {
    const file = join(this.name, path);
    const made = `${file}.${randomUUID()}.new`;
    const write = async () => {
      await mkdir(dirname(file), { recursive: true });
      const handle = await open(made, 'w');
      await thenCleanUp(
        async () => {
          await handle.writeFile(text);
          await handle.sync();
        },
        () => handle.close(),
      );
      await rename(made, file);
    };
    try {
      await orCleanUp(write, () => rm(made, { force: true }));
    } catch (error) {
      throw new TransientError(
        `The page ${file} could not be written: ${messageOf(error)}. The pages of before are whole; free the disk or make the folder writable.`,
        { cause: error },
      );
    }
  }

  async remove(path: string): Promise<void> {
    const file = join(this.name, path);
    await rm(file, { force: true });
    // Folders that are empty by now; one that is not stays.
    for (let folder = dirname(file); folder.length > this.name.length; folder = dirname(folder))
      if (
        !(await rmdir(folder).then(
          () => true,
          () => false,
        ))
      )
        return;
  }

  async change(path: string, by: (before: string | undefined) => string): Promise<string> {
    const text = async () => {
      const bytes = await this.read(path);
      return bytes && Buffer.from(bytes).toString('utf8');
    };
    const now = await text();
    if (now !== undefined && by(now) === now) return now;
    return alone(join(this.name, path), async () => {
      const before = await text();
      const after = by(before);
      if (after !== before) await this.write(path, after);
      return after;
    });
  }
}
