import { accessSync, constants, existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { execFile } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { startFenced, type Fenced } from '../services/fenced.ts';

const ROOT = join(import.meta.dirname, '..', '..');
/** Where the volume of a task is mounted, and the application of the engine's image. */
const MOUNTED = /\/sluice(?=\/|$)/g;
const APPLICATION = /^\/app(?=\/)/;

export interface Launch {
  /** Of the task: takes the volume and the logs of its containers. */
  readonly folder: string;
  readonly name: string;
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly graceSeconds: number;
}

export function logPath(folder: string, container: string): string {
  return join(folder, `${container}.log`);
}

/** Runs what a container would run as a process: what names the volume or the image's application names the folder here. */
export async function launch({ folder, name, command, environment, graceSeconds }: Launch): Promise<Fenced> {
  const volume = join(folder, 'volume');
  await mkdir(volume, { recursive: true });
  const here = (text: string) => text.replace(MOUNTED, volume).replace(APPLICATION, ROOT);
  const [program = '', ...rest] = command.map(here);
  return startFenced(program, rest, {
    cwd: volume,
    log: logPath(folder, name),
    graceSeconds,
    env: {
      PATH: process.env['PATH'],
      ...Object.fromEntries(Object.entries(environment).map(([key, value]) => [key, here(value)])),
    },
  });
}

const MEMORY_LOOK_MS = 100;

/** Kills a program whose process takes more memory than it may have, as a kernel would. @returns whether it has, once it is over */
export async function boundMemory({ pid, exited }: Fenced, bytes: number): Promise<boolean> {
  let killed = false;
  const over = new AbortController();
  void exited.finally(() => over.abort());
  while (!over.signal.aborted && !killed) {
    // The fence's children lead groups of their own: the command is one, who watches it another.
    const { stdout } = await promisify(execFile)('ps', ['-o', 'pid=,rss=', '--ppid', String(pid)]).catch(
      () => ({ stdout: '' }),
    );
    for (const [, group = '', kilobytes = ''] of stdout.matchAll(/(\d+) +(\d+)/g)) {
      if (Number(kilobytes) * 1024 <= bytes) continue;
      killed = true;
      process.kill(-Number(group), 'SIGKILL');
    }
    await Promise.race([exited, pause(MEMORY_LOOK_MS)]);
  }
  await exited;
  return killed;
}

/** What ECS says of a program that an image does not have, or that may not be run. */
export function notStarted([program = '']: readonly string[]): string | undefined {
  const isThere = program.includes('/') && existsSync(program);
  const why = isThere ? 'permission denied' : 'executable file not found in $PATH';
  const places = program.includes('/') ? [''] : (process.env['PATH'] ?? '').split(delimiter);
  const found = places.some((place) => {
    try {
      accessSync(place ? join(place, program) : program, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
  return found || APPLICATION.test(program)
    ? undefined
    : `CannotStartContainerError: ResourceInitializationError: failed to create new container runtime task: exec: "${program}": ${why}`;
}

/** Whole lines of a log; of one that has ended its last line too. */
export async function linesOf(folder: string, container: string): Promise<string[] | undefined> {
  const text = await readFile(logPath(folder, container), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const lines = text.split('\n');
  return lines.at(-1) === '' ? lines.slice(0, -1) : lines;
}
