import { execFile } from 'node:child_process';
import {
  existsSync,
  readdirSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { orCleanUp } from '../../core/clean-up.ts';
import { messageOf, TerminalError } from '../../core/errors.ts';
import { ENGINE } from '../../profiles/project.ts';
import { startChild, whetherEnded, type Child } from './child.ts';
import { openHome, runsAsRoot } from './home-files.ts';
import { isListening, until } from './ready.ts';

/** The sources of the pipelines `olist_hourly` and `retail_sales`. */
export const MYSQL_DATABASES: readonly string[] = ['olist', 'retail'];
/** The connection that leads to it in every profile whose stack starts one. */
export const MYSQL_CONNECTION = 'olist_mysql';
/** Where it listens, where a home has one and nothing else does. */
export const MYSQL_PORT = 3307;
const START_TIMEOUT_MS = 120_000; // after a crash it reads its log first
const STOP_GRACE_MS = 15_000;
const MAX_OUTPUT = 1_000_000;
const run = promisify(execFile);

const SETTINGS = {
  'bind-address': '127.0.0.1',
  'character-set-server': 'utf8mb4',
  'innodb-log-file-size': '32M', // a laptop's disk
  socket: 'mysql.sock', // in /tmp it would meet those of other servers
  'pid-file': 'mysql.pid',
  'lc-messages': 'en_US',
};

export interface MariaDbOptions {
  /** Takes the data in `mysql`, and the log in `logs`. */
  readonly home: string;
  readonly port: number;
  /** Of the user `sluice`, who may do everything; the only one who gets in. */
  readonly password: string;
  /** That must be there, with no table or as they are. */
  readonly databases: readonly string[];
  /** Settings beside ours, by name. */
  readonly settings?: Readonly<Record<string, string>>;
}

/**
 * Starts MariaDB with its data in `<home>/mysql`, on the loopback interface: installs it where it is not there, makes the data folder
 * and databases that are missing. May be called again when it has ended.
 * @param begun told of its process at once
 * @throws {TerminalError} with what the server says; it has ended then
 */
export async function startMariaDb(
  options: MariaDbOptions,
  begun: (pid: number) => void = () => undefined,
): Promise<Child> {
  const { home, port, settings } = options;
  const log = join(home, 'logs', 'mysql.log');
  try {
    const { server, installer, base } = await findPrograms();
    const common = [...(base ? [`--basedir=${base}`] : []), ...(runsAsRoot() ? ['--user=root'] : [])];
    await makeData(home, installer, common);
    const folder = dataFolder(home);
    const accounts = join(home, 'mysql-accounts.sql');
    writeFileSync(accounts, accountsOf(options), { mode: 0o600 });
    const given = Object.entries({ ...SETTINGS, ...settings }).map(([name, value]) => `--${name}=${value}`);
    const args = [
      '--no-defaults',
      ...common,
      `--datadir=${folder}`,
      `--port=${port}`,
      `--init-file=${accounts}`,
      '--skip-name-resolve',
      ...given,
    ];
    const child = startChild(server, args, { log, cwd: home });
    begun(child.pid);
    const hasEnded = whetherEnded(child);
    await orCleanUp(
      async () => {
        await until(
          'The server',
          async () => serves(folder, child.pid) && (await isListening(port)),
          START_TIMEOUT_MS,
          () => (hasEnded() ? 'it has ended' : undefined),
        );
      },
      () => child.stop(),
    );
    return { ...child, stop: () => child.stop(STOP_GRACE_MS) };
  } catch (error) {
    throw new TerminalError(`The embedded MariaDB did not start: ${messageOf(error)} Look at ${log}.`, {
      cause: error,
    });
  }
}

/** Those of the machine, else of the project's own, which are installed first. */
async function findPrograms(): Promise<z.infer<typeof programs>> {
  const asked = run(process.execPath, [join(ENGINE, 'setup-mariadb.mjs')]);
  // What it says is what it does, and it may take minutes.
  asked.child.stderr?.pipe(process.stderr, { end: false });
  return programs.parse(JSON.parse((await asked).stdout));
}

const programs = z.object({ server: z.string(), installer: z.string(), base: z.string().optional() });

/** Made in a folder of the attempt's own, and moved when it is whole. */
async function makeData(home: string, installer: string, common: readonly string[]): Promise<void> {
  const folder = dataFolder(home);
  if (isWhole(folder)) return;
  if (existsSync(folder) && readdirSync(folder).length)
    throw new TerminalError(
      `${folder} holds something that is no data folder of MariaDB, or one that is damaged. Restore it, move it away, or set SLUICE_HOME to another folder.`,
    );
  mkdirSync(join(home, 'logs'), { recursive: true });
  const draft = mkdtempSync(join(home, 'mysql.new-'));
  const data = join(draft, 'data');
  const how = ['--auth-root-authentication-method=normal', '--skip-test-db', '--skip-name-resolve'];
  try {
    await run(installer, ['--no-defaults', ...common, `--datadir=${data}`, ...how], {
      cwd: home,
      maxBuffer: MAX_OUTPUT,
    });
    renameSync(data, folder); // over an empty one, which says that a MariaDB is wanted
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

/** Read by the server at each start, before it answers anybody: one statement a line. */
function accountsOf({ password, databases }: MariaDbOptions): string {
  const secret = `'${password.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
  return [
    `CREATE USER IF NOT EXISTS 'sluice'@'%';`,
    `ALTER USER 'sluice'@'%' IDENTIFIED BY ${secret};`,
    `GRANT ALL ON *.* TO 'sluice'@'%' WITH GRANT OPTION;`,
    `DELETE FROM mysql.global_priv WHERE User IN ('', 'root');`,
    `FLUSH PRIVILEGES;`,
    ...databases.map((name) => `CREATE DATABASE IF NOT EXISTS \`${name.replaceAll('`', '``')}\`;`),
    '',
  ].join('\n');
}

function dataFolder(home: string): string {
  return join(home, 'mysql');
}

/** Whether the installer's last table is there: the folder is moved to its place when all are. */
function isWhole(folder: string): boolean {
  return existsSync(join(folder, 'mysql', 'global_priv.frm'));
}

/** Whether a stack on this home is to have a MariaDB. */
export function wantsMariaDb(home: string): boolean {
  return existsSync(dataFolder(home));
}

/** From now on stacks on this home have one. */
export function wantMariaDb(home: string): void {
  openHome(home); // which may be new: PostgreSQL's user must get in
  mkdirSync(dataFolder(home), { recursive: true });
}

/** Whether this very process serves the folder. */
function serves(folder: string, pid: number): boolean {
  try {
    return readFileSync(join(folder, 'mysql.pid'), 'utf8').trim() === String(pid);
  } catch {
    return false;
  }
}
