import { execFile } from 'node:child_process';
import { watch } from 'node:fs';
import { join } from 'node:path';
import { PROJECT } from '../profiles/project.ts';
import { ROOT } from './embedded/home.ts';

const SETTLED_MS = 300; // an editor writes in several steps

/**
 * Watches the files of `pipelines/`. Once they can be used as they now are, `apply` is called, one change after the other; until
 * then what runs goes on with the definitions that it has, and `say` tells why.
 * @returns what ends the watch
 */
export function watchPipelines(
  profile: string,
  say: (what: string) => void,
  apply: () => Promise<void>,
): () => void {
  let timer: NodeJS.Timeout | undefined;
  let work = Promise.resolve();
  const changed = async () => {
    const problem = await problemOfPipelines(profile);
    if (problem === undefined) await apply();
    else say(`pipelines/ cannot be used as it is now; the worker goes on with what it had:\n${problem}`);
  };
  const watcher = watch(join(PROJECT, 'pipelines'), { recursive: true }, (_, name) => {
    if (!name?.endsWith('.ts')) return;
    clearTimeout(timer);
    timer = setTimeout(() => {
      work = work.then(changed).catch((error: unknown) => say(String(error)));
    }, SETTLED_MS);
  });
  watcher.on('error', (error) => say(`pipelines/ is no longer watched: ${error.message}`));
  return () => {
    clearTimeout(timer);
    watcher.close();
  };
}

/** Runs `sluice` as it is now, with the same stack. @returns what it says; @throws {Error} with that where it fails */
export function sluiceAnew(profile: string, ...args: string[]): Promise<string> {
  const all = [join(ROOT, 'bin', 'sluice'), '--profile', profile, ...args];
  return new Promise((resolve, reject) => {
    execFile(process.execPath, all, { cwd: PROJECT }, (error, out, err) => {
      if (error) reject(new Error(err.trim() || error.message));
      else resolve(out.trim());
    });
  });
}

async function problemOfPipelines(profile: string): Promise<string | undefined> {
  try {
    await sluiceAnew(profile, 'validate');
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}
