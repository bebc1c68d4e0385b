import { stat } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { messageOf, TransientError } from '../core/errors.ts';
import { openCopies } from '../profiles/open.ts';
import type { Profile } from '../profiles/profile.ts';

type Copied = Awaited<ReturnType<Awaited<ReturnType<typeof openCopies>>>>;

export interface CopyOrder {
  /** Whose marts. */
  readonly pipelines: readonly string[];
  /** Milliseconds after which it is looked again whether the warehouse has changed; absent: copied once. */
  readonly everyMs?: number | undefined;
}

/**
 * Copies marts to the database of the profile's readers: once, or until `ending` whenever the warehouse has changed.
 * @throws what the copy throws; while it goes on by itself, only what trying again does not help
 */
export async function copyMarts(
  profile: Profile,
  { pipelines, everyMs }: CopyOrder,
  onCopied: (copied: Copied) => void,
  onFailed: (why: string) => void,
  ending: AbortSignal,
): Promise<void> {
  const copy = await openCopies(profile);
  if (everyMs === undefined) return onCopied(await copy(pipelines, ending));
  let before: string | undefined;
  while (!ending.aborted) {
    const now = await stampOf(profile);
    try {
      if (now !== before) onCopied(await copy(pipelines, ending));
      before = now;
    } catch (error) {
      if (!(error instanceof TransientError)) throw error;
      onFailed(messageOf(error));
    }
    await wait(everyMs, undefined, { signal: ending }).catch(() => undefined);
  }
}

/** Another one whenever somebody has written into the warehouse. */
async function stampOf({ warehouse }: Profile): Promise<string> {
  if (warehouse.type !== 'duckdb') return '';
  const files = [warehouse.file, `${warehouse.file}.wal`];
  const found = await Promise.all(files.map((file) => stat(file).catch(() => undefined)));
  return found.map((each) => (each ? `${each.mtimeMs} ${each.size}` : 'none')).join();
}
