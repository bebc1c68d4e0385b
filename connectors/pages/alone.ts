import { randomUUID } from 'node:crypto';
import { link, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { thenCleanUp } from '../../core/clean-up.ts';
import { TransientError } from '../../core/errors.ts';

const POLL_MS = 20;
/** What is done alone is one file read and written: who has not ended after this has died. */
const DEAD_AFTER_MS = 20_000;
const GIVE_UP_AFTER_MS = 120_000;

/**
 * Does something while no other process does anything about the same file: `<file>.lock` is there meanwhile. Processes may be of several
 * containers, whose ids say nothing to each other; so who died is known by how old its lock is.
 * @throws {TransientError} others had it all the time
 */
export async function alone<T>(file: string, work: () => Promise<T>): Promise<T> {
  const lock = `${file}.lock`;
  await mkdir(dirname(file), { recursive: true });
  const until = Date.now() + GIVE_UP_AFTER_MS;
  while (!(await taken(lock))) {
    if (Date.now() > until)
      throw new TransientError(
        `${lock} was there for ${GIVE_UP_AFTER_MS / 1000} s; others write ${file} all the time.`,
      );
    await removeDead(lock);
    await delay(POLL_MS * (1 + Math.random()));
  }
  return thenCleanUp(
    () => work(),
    () => rm(lock, { force: true }),
  );
}

async function taken(lock: string): Promise<boolean> {
  try {
    await (await open(lock, 'wx')).close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw new TransientError(`${lock} could not be made. Free the disk, or make the folder writable.`, {
      cause: error,
    });
  }
}

/** Takes the lock of a dead process away; that of a living one, which came in its place meanwhile, is put back. */
async function removeDead(lock: string): Promise<void> {
  const found = await identity(lock);
  if (!found || Date.now() - found.at < DEAD_AFTER_MS) return;
  const aside = `${lock}.${randomUUID()}`;
  const takeAway = async () => {
    await rename(lock, aside);
    if ((await identity(aside))?.is !== found.is) await link(aside, lock);
  };
  await thenCleanUp(
    () =>
      takeAway().catch((error: unknown) => {
        if (!['ENOENT', 'EEXIST'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
      }),
    () => rm(aside, { force: true }),
  );
}

async function identity(file: string): Promise<{ is: string; at: number } | undefined> {
  const found = await stat(file).catch(() => undefined);
  return found && { is: `${found.ino} ${found.mtimeMs}`, at: found.mtimeMs };
}
