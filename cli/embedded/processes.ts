import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

/** One process, and no other that gets its number later. */
export interface ProcessId {
  readonly pid: number;
  /** When it began, in words of the operating system; only good for comparing. */
  readonly began: string;
}

const PROC = existsSync('/proc/self/stat');
const POLL_MS = 50;

/** The process that has this number now; undefined where there is none, or only what its parent has not fetched yet. */
export function processId(pid: number): ProcessId | undefined {
  if (!Number.isInteger(pid) || pid <= 0) return undefined;
  const began = PROC ? beganOnLinux(pid) : beganByPs(pid);
  return began === undefined ? undefined : { pid, began };
}

export function ownProcessId(): ProcessId {
  return processId(process.pid) ?? { pid: process.pid, began: '' };
}

/** Whether this very process still runs. */
export function isRunning({ pid, began }: ProcessId): boolean {
  return processId(pid)?.began === began;
}

/** Sends a signal to this very process; one that has ended is left alone. */
export function signal(process_: ProcessId, name: NodeJS.Signals): void {
  if (!isRunning(process_)) return;
  try {
    process.kill(process_.pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** @returns whether the process has ended within the time */
export async function ended(process_: ProcessId, withinMs: number): Promise<boolean> {
  const deadline = Date.now() + withinMs;
  while (isRunning(process_)) {
    if (Date.now() > deadline) return false;
    await delay(POLL_MS);
  }
  return true;
}

/** The command line of a process, with its arguments; empty where there is none. */
export function commandOf(pid: number): string {
  try {
    return PROC ? readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ') : ps(pid, 'args=');
  } catch {
    return '';
  }
}

/** The number of the process that started this one; undefined where that is not known. */
export function parentOf(pid: number): number | undefined {
  try {
    const parent = PROC ? statOf(pid)[1] : ps(pid, 'ppid=');
    return Number(parent) || undefined;
  } catch {
    return undefined;
  }
}

/** Ticks since the machine's start, and which start that was. */
function beganOnLinux(pid: number): string | undefined {
  try {
    const fields = statOf(pid);
    const [state = 'X'] = fields;
    if ('ZX'.includes(state)) return undefined;
    return `${fields[19]}@${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}`;
  } catch {
    return undefined;
  }
}

/** The fields of proc_pid_stat(5) after the name, which may hold anything: state, parent, … */
function statOf(pid: number): string[] {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return text.slice(text.lastIndexOf(')') + 2).split(' ');
}

function beganByPs(pid: number): string | undefined {
  try {
    const [state = 'Z', ...began] = ps(pid, 'state=,lstart=').split(/\s+/);
    return state.startsWith('Z') ? undefined : began.join(' ');
  } catch {
    return undefined;
  }
}

function ps(pid: number, fields: string): string {
  return execFileSync('ps', ['-o', fields, '-p', String(pid)], { stdio: ['ignore', 'pipe', 'ignore'] })
    .toString()
    .trim();
}
