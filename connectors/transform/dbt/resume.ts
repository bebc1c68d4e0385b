import { createHash } from 'node:crypto';
import { mkdir, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { TransientError } from '../../../core/errors.ts';
import { readResults } from './results.ts';
import type { RunResults } from './results.ts';
import type { TransformRequest } from '../port.ts';

/** Results of runs that nobody resumed are dropped after so many milliseconds (14 days). */
const keptFor = 14 * 24 * 3_600_000;

interface Subject {
  readonly stateDir: string;
  readonly projectDir: string;
  readonly target: string;
  readonly request: TransformRequest;
}

/**
 * What a run's attempts leave for the next one: `runs/<run id>/run_results.json`, good only for the same project
 * files, target, selection and variables.
 */
export class ResumePoint {
  readonly #folder: string;
  readonly #fingerprint: string;

  private constructor(folder: string, fingerprint: string) {
    this.#folder = folder;
    this.#fingerprint = fingerprint;
  }

  static async open(subject: Subject): Promise<ResumePoint> {
    const runs = join(subject.stateDir, 'runs');
    await mkdir(runs, { recursive: true });
    return new ResumePoint(
      join(runs, encodeURIComponent(subject.request.runId)),
      await fingerprintOf(subject),
    );
  }

  /** The folder that dbt's `--state` takes. */
  get folder(): string {
    return this.#folder;
  }

  /** Undefined when there is nothing to go on from. */
  async earlier(): Promise<RunResults | undefined> {
    const results = await readResults(join(this.#folder, 'run_results.json'));
    return results?.['fingerprint'] === this.#fingerprint ? results : undefined;
  }

  async keep(results: RunResults): Promise<void> {
    await mkdir(this.#folder, { recursive: true });
    const path = join(this.#folder, 'run_results.json');
    await writeFile(`${path}.new`, JSON.stringify({ ...results, fingerprint: this.#fingerprint }));
    await rename(`${path}.new`, path);
  }

  /** Drops what this run left, and what old runs left. */
  async forget(): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
    const runs = join(this.#folder, '..');
    for (const name of await readdir(runs)) {
      const { mtimeMs } = await stat(join(runs, name));
      if (Date.now() - mtimeMs > keptFor) await rm(join(runs, name), { recursive: true, force: true });
    }
  }
}

/** Changes with every project file and with everything that decides what is built. */
async function fingerprintOf({ projectDir, target, request }: Subject): Promise<string> {
  const hash = createHash('sha256').update(
    JSON.stringify([target, request.select, Object.entries(request.variables).sort()]),
  );
  const files = await readdir(projectDir, { recursive: true, withFileTypes: true }).catch(
    (error: unknown) => {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      throw new TransientError(
        `There is no dbt project in ${projectDir}. Put it there, or correct 'transform.project' of the profile, then rerun.`,
      );
    },
  );
  const paths = files
    .filter((file) => file.isFile())
    .map((file) => join(file.parentPath, file.name))
    .filter((path) => /\.(sql|ya?ml|csv|md|py)$/.test(path))
    .sort();
  for (const path of paths) hash.update(`\0${path}\0`).update(await readFile(path));
  return hash.digest('hex');
}
