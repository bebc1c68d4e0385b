import { execFile } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { InvalidInput, TerminalError, messageOf } from '../../core/errors.ts';
import { pythonHome } from '../embedded/home.ts';

const READER = join(import.meta.dirname, 'reader');
const MAX_OUTPUT = 256 * 1024 * 1024;
const AT_ONCE = 200; // files of one call: a command line has an end

/**
 * Arguments by name: JSON; what is no literal is `{ $code }`, its source text, a timedelta `{ $seconds }`, a moment `{ $at, zone }`
 * (a wall time, and the zone that was named with it, or null).
 */
export type Given = Readonly<Record<string, unknown>>;

export interface DagTask {
  /** With the groups that it is in: `load.orders`. */
  readonly id: string;
  /** `BashOperator`, `@task.branch`; what is not Airflow's own by its whole name: `ours.operators.BashOperator`. */
  readonly kind: string;
  readonly line: number;
  readonly given: Given;
  /** `expand`: done for each of a list. */
  readonly mapped: boolean;
}

export interface Dag {
  readonly id: string;
  readonly line: number;
  readonly given: Given;
  readonly tasks: readonly DagTask[];
  /** [before, after] */
  readonly edges: readonly (readonly [string, string])[];
}

export interface DagFile {
  readonly file: string;
  readonly dags: readonly Dag[];
  /** What makes tasks, DAGs or orders, or may, and was not understood. */
  readonly unread: readonly { readonly line: number; readonly what: string }[];
  readonly uses: readonly { readonly kind: 'variable' | 'connection'; readonly name: string }[];
  /** The Airflow that it is written for, where it says so. */
  readonly version: 2 | 3 | null;
  /** Why it could not be read at all. */
  readonly problem?: string;
}

/** Reads a DAG file, or all Python files of a folder. @throws {InvalidInput} where there is none */
export async function readDags(path: string): Promise<DagFile[]> {
  const files = filesOf(path);
  const python = [join(pythonHome(process.env), 'bin', 'python'), 'python3'].find(
    (each) => each === 'python3' || existsSync(each),
  );
  const read: DagFile[] = [];
  for (let at = 0; at < files.length; at += AT_ONCE) {
    try {
      const { stdout } = await promisify(execFile)(
        python ?? 'python3',
        ['-B', READER, ...files.slice(at, at + AT_ONCE)],
        { maxBuffer: MAX_OUTPUT },
      );
      read.push(...(JSON.parse(stdout) as DagFile[]));
    } catch (error) {
      throw new TerminalError(
        `The files cannot be read by ${python ?? 'python3'}: ${messageOf(error)}. 'sluice setup' installs a Python.`,
        { cause: error },
      );
    }
  }
  return read;
}

function filesOf(path: string): string[] {
  const kind = statSync(path, { throwIfNoEntry: false });
  if (!kind)
    throw new InvalidInput('The command line', [
      `there is no ${path}. Name a DAG file, or the folder of them.`,
    ]);
  if (!kind.isDirectory()) return [path];
  const files = readdirSync(path, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.py') && !name.includes('__pycache__'))
    .map((name) => join(path, name))
    .sort();
  if (!files.length) throw new InvalidInput('The command line', [`${path} has no Python files.`]);
  return files;
}
