import { chmodSync, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** What a stack keeps in its home, but for PostgreSQL's folder, which is private by itself. */
const OURS =
  /^(logs|lake|inbox|dbt|aws|users|mysql|mysql-accounts\.sql|seed\.\w+|stack\.json|(temporal\.db|warehouse\.duckdb).*)$/;
const OTHERS = 0o077;

/**
 * Makes the home folder where there is none, and keeps others out of what is in it: sources' rows are in the warehouse, the lake
 * and Temporal's histories. This process, and what it starts, makes files that are its user's alone from now on.
 */
export function openHome(home: string): void {
  process.umask(OTHERS);
  const first = mkdirSync(home, { recursive: true });
  if (first !== undefined && runsAsRoot()) letThrough(home, first);
  mkdirSync(join(home, 'logs'), { recursive: true });
  // Where the files of `olist_funnel` arrive: an inbox that is empty is no fault.
  mkdirSync(join(home, 'inbox', 'user_behaviour'), { recursive: true });
  for (const entry of readdirSync(home, { withFileTypes: true })) {
    if (OURS.test(entry.name)) keepPrivate(join(home, entry.name), entry.isDirectory() ? 0o700 : 0o600);
  }
}

/** A journal comes and goes while its database is written. */
function keepPrivate(path: string, mode: number): void {
  try {
    chmodSync(path, mode);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

export function runsAsRoot(): boolean {
  return process.getuid?.() === 0;
}

/** Started by root, PostgreSQL runs as another user, who must get to its folder. */
function letThrough(home: string, first: string): void {
  for (let folder = home; existsSync(folder); folder = dirname(folder)) {
    chmodSync(folder, 0o711);
    if (folder === first) return;
  }
}
