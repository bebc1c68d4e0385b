import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';

const LISTENING = '0A';

/** Whether this very process listens on a TCP port: what answers there may be somebody else's. */
export function listens(pid: number, port: number): boolean {
  return existsSync('/proc/net/tcp') ? onLinux(pid, port) : byLsof(pid, port);
}

function onLinux(pid: number, port: number): boolean {
  const sockets = new Set(['tcp', 'tcp6'].flatMap((table) => listeners(`/proc/${pid}/net/${table}`, port)));
  if (!sockets.size) return false;
  try {
    return readdirSync(`/proc/${pid}/fd`).some((fd) => sockets.has(targetOf(`/proc/${pid}/fd/${fd}`)));
  } catch {
    return false;
  }
}

/** As a process's file descriptors name them. See proc_pid_net(5). */
function listeners(table: string, port: number): string[] {
  const local = port.toString(16).toUpperCase().padStart(4, '0');
  try {
    return readFileSync(table, 'utf8')
      .split('\n')
      .slice(1)
      .map((line) => line.trim().split(/\s+/))
      .filter((fields) => fields[3] === LISTENING && fields[1]?.endsWith(`:${local}`))
      .map((fields) => `socket:[${fields[9]}]`);
  } catch {
    return [];
  }
}

function targetOf(link: string): string {
  try {
    return readlinkSync(link);
  } catch {
    return '';
  }
}

function byLsof(pid: number, port: number): boolean {
  try {
    execFileSync('lsof', ['-nP', '-a', '-p', String(pid), `-iTCP:${port}`, '-sTCP:LISTEN'], {
      stdio: 'ignore',
    });
    return true;
  } catch {
    return false;
  }
}
