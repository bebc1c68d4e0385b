import { execFile } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT } from '../profiles/project.ts';
import { ROOT } from './embedded/home.ts';

const LOOK_MS = 500;
const SETTLED_MS = 300; // an editor writes in several steps

/** How `sluice validate` begins when files of pipelines alone do not hold. */
export const OF_PIPELINES = 'What is in pipelines/';

/** Whose files a worker takes up as it starts. */
const FOLDERS = ['pipelines', 'dashboards'];

/**
 * Watches the files of `pipelines/` and `dashboards/`. `apply` is called for one change after the other; what cannot be used as it is now
 * is told by `say`, and left out: it holds up no other.
 * @param since the files as they were before the worker that runs now read them (`definitionFiles`)
 * @returns what ends the watch
 */
export function watchDefinitions(
  profile: string,
  since: string,
  say: (what: string) => void,
  apply: () => Promise<void>,
): () => void {
  let timer: NodeJS.Timeout | undefined;
  let work = Promise.resolve();
  const changed = async () => {
    const problem = await problemOfPipelines(profile);
    if (problem === undefined) return apply();
    // Without a profile, or the code that reads the files, a worker cannot be started at all.
    if (!problem.includes(OF_PIPELINES))
      return say(`pipelines/ cannot be used as it is now; the worker goes on with what it had:\n${problem}`);
    say(`not everything can be used as it is now: ${problem}`);
    await apply();
  };
  let seen = since;
  // Looked at, not listened to: a file that an editor puts in the place of another is lost to Node's recursive watch.
  const looking = setInterval(() => {
    const now = definitionFiles();
    if (now === seen) return;
    seen = now;
    clearTimeout(timer);
    timer = setTimeout(() => {
      work = work.then(changed).catch((error: unknown) => say(String(error)));
    }, SETTLED_MS);
  }, LOOK_MS);
  return () => {
    clearTimeout(timer);
    clearInterval(looking);
  };
}

/** Changes with every file of a definition that is written, comes or goes. */
export function definitionFiles(): string {
  return FOLDERS.map((name) => stateOf(join(PROJECT, name))).join('\n\n');
}

function stateOf(folder: string): string {
  try {
    return readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .sort()
      .map((name) => {
        const found = statSync(join(folder, name), { throwIfNoEntry: false });
        return `${name} ${found?.ino ?? ''} ${found?.size ?? ''} ${found?.mtimeMs ?? ''}`;
      })
      .join('\n');
  } catch {
    return ''; // taken away, and perhaps put back
  }
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
