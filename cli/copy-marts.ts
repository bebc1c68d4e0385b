import { stat } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { messageOf, TerminalError } from '../core/errors.ts';
import { openCopies } from '../profiles/open.ts';
import type { Profile } from '../profiles/profile.ts';

/** A mart that was copied, with its rows. */
export type CopiedMart = Awaited<ReturnType<Awaited<ReturnType<typeof openCopies>>>>[number];

export interface CopyOrder {
  /** Whose marts. */
  readonly pipelines: readonly string[];
  /** Milliseconds after which it is looked again whether the warehouse has changed; absent: copied once. */
  readonly everyMs?: number | undefined;
}

/**
 * Copies marts to the database of the profile's readers: once, or until `ending` whenever the warehouse has changed. Each pipeline's are a
 * copy of their own: one that fails holds no other up.
 * @throws {InvalidInput} the profile names no such database, or needs none
 * @throws {TerminalError} copied once: naming every pipeline whose marts could not be copied; else `onFailed` is told, and it is tried again
 */
export async function copyMarts(
  profile: Profile,
  { pipelines, everyMs }: CopyOrder,
  onCopied: (copied: readonly CopiedMart[]) => void,
  onFailed: (why: string) => void,
  ending: AbortSignal,
): Promise<void> {
  const copy = await openCopies(profile);
  const copyAll = async () => {
    const copied: CopiedMart[] = [];
    const failures: string[] = [];
    for (const pipeline of pipelines)
      try {
        copied.push(...(await copy(pipeline, ending)));
      } catch (error) {
        ending.throwIfAborted();
        failures.push(messageOf(error));
      }
    return { copied, failures };
  };
  if (everyMs === undefined) {
    const { copied, failures } = await copyAll();
    if (!failures.length) return onCopied(copied);
    throw new TerminalError(failures.join('\n'));
  }
  let before: string | undefined;
  while (!ending.aborted) {
    const now = await stampOf(profile);
    if (now !== before) {
      const { copied, failures } = await copyAll();
      if (copied.length || !failures.length) onCopied(copied);
      for (const failure of failures) onFailed(failure);
      before = failures.length ? undefined : now;
    }
    await wait(everyMs, undefined, { signal: ending }).catch(() => undefined);
  }
}

/** Another one whenever somebody has written into the warehouse. */
async function stampOf({ warehouse }: Profile): Promise<string> {
  if (warehouse.type !== 'duckdb') return ''; // refused by `openCopies`
  const files = [warehouse.file, `${warehouse.file}.wal`];
  const found = await Promise.all(files.map((file) => stat(file).catch(() => undefined)));
  return found.map((each) => (each ? `${each.mtimeMs} ${each.size}` : 'none')).join();
}
