import { join } from 'node:path';
import { attach } from './attach.ts';
import { AWS_LOCAL_PORTS, startAwsLocal } from './aws-local.ts';
import { homeFolder } from './home.ts';
import { openHome } from './home-files.ts';
import { startKeeper } from './keeper.ts';
import { embeddedDatabases } from './databases.ts';
import { endLeftovers } from './leftovers.ts';
import { lock } from './lock.ts';
import { MYSQL_DATABASES, MYSQL_PORT, startMariaDb, wantsMariaDb } from './mariadb.ts';
import { startPages } from './pages.ts';
import { Ports } from './ports.ts';
import { EmbeddedServer } from './postgres.ts';
import { ownProcessId, processId, signal } from './processes.ts';
import {
  clearState,
  databasePassword,
  ownProject,
  runningState,
  writeState,
  type StackParts,
  type StackState,
} from './state.ts';
import { supervise, type StartPart, type Supervised } from './supervise.ts';
import { mustHaveTemporal, startTemporal } from './temporal.ts';
import { hasUsers, unused } from './users.ts';
import { startWorkingWorker } from './worker.ts';

export interface Stack {
  readonly state: StackState;
  /** True when another process runs it: then `stop` leaves it alone. */
  readonly attached: boolean;
  /** Ends it in order, at once where this process is to end, else when nobody uses it any more. May be called again. */
  stop(): Promise<void>;
  /** Lets a new worker take the place of the one that runs, with the code as it is now; and so with the pages. */
  restartWorker(): Promise<void>;
  /** Serves the pages for as long as the stack lasts, on `state.pagesPort`; where another process runs the stack, it is that one's to do. */
  servePages(): Promise<void>;
}

type Say = (what: string) => void;

const NEVER = new AbortController().signal;

/**
 * Uses the stack that runs on the profile's home, else starts as much of one as is needed, which lasts until `stop`.
 * @param ending aborted when this process is to end: what was started so far ends, and the reason is thrown
 */
export async function openStack(
  profile: string,
  say: Say,
  parts: StackParts = 'all',
  ending: AbortSignal = NEVER,
): Promise<Stack> {
  const home = homeFolder(process.env, profile);
  openHome(home);
  for (;;) {
    const claim = await claimHome(home, parts, say, ending);
    if (claim) return new OwnStack(profile, home, claim, say, ending).start();
    const attached = await attach(home, parts, say, ending);
    if (attached) {
      const { state, leave } = attached;
      const stop = () => Promise.resolve(leave());
      return {
        state,
        attached: true,
        stop,
        restartWorker: () => Promise.resolve(),
        servePages: () => Promise.resolve(),
      };
    }
  }
}

/** What a process has that runs the stack on a home, and no other. */
interface Claim {
  readonly state: StackState;
  readonly ports: Ports;
}

/** @returns undefined when another process runs a stack there */
async function claimHome(
  home: string,
  parts: StackParts,
  say: Say,
  ending: AbortSignal,
): Promise<Claim | undefined> {
  const release = await lock(homeLock(home), ending, ({ pid }) =>
    say(`waiting for process ${pid}, which starts or ends a stack on ${home}`),
  );
  try {
    if (runningState(home)) return undefined;
    if (parts === 'all') mustHaveTemporal();
    await endLeftovers(home);
    const ports = new Ports();
    try {
      const state: StackState = {
        ...ownProcessId(),
        parts,
        project: ownProject(),
        ending: false,
        postgresPort: await ports.reserve('SLUICE_POSTGRES_PORT', 5433),
        temporalPort: await ports.reserve('SLUICE_TEMPORAL_PORT', 7233),
        uiPort: await ports.reserve('SLUICE_UI_PORT', 8233),
        metricsPort: await ports.reserve('SLUICE_METRICS_PORT', 9464),
        healthPort: await ports.reserve('SLUICE_HEALTH_PORT', 8081),
        ...(wantsMariaDb(home) && { mysqlPort: await ports.reserve('SLUICE_MYSQL_PORT', MYSQL_PORT) }),
        children: {},
        variables: {},
      };
      writeState(home, state);
      return { state, ports };
    } catch (error) {
      ports.release();
      throw error;
    }
  } finally {
    release();
  }
}

/** Who starts, or clears up after, a stack on a home has it alone meanwhile. */
export function homeLock(home: string): string {
  return join(home, 'lock');
}

class OwnStack implements Stack {
  readonly attached = false;
  readonly state: StackState;
  readonly #profile: string;
  readonly #home: string;
  readonly #ports: Ports;
  readonly #ending: AbortSignal;
  readonly #say: Say;
  readonly #endKeeper: () => void;
  /** In the order of their start. */
  readonly #parts: Promise<Supervised>[] = [];
  #worker: Supervised | undefined;
  #pages: Supervised | undefined;
  #stopped: Promise<void> | undefined;

  constructor(profile: string, home: string, { state, ports }: Claim, say: Say, ending: AbortSignal) {
    this.#profile = profile;
    this.#home = home;
    this.state = state;
    this.#ports = ports;
    this.#ending = ending;
    this.#say = (what) => {
      if (!ending.aborted) say(what);
    };
    this.#endKeeper = startKeeper(profile);
  }

  async start(): Promise<this> {
    const giveUp = () => this.#endChildren();
    this.#ending.addEventListener('abort', giveUp);
    try {
      await this.#startParts();
      this.#ending.throwIfAborted();
      return this;
    } catch (error) {
      await this.#end();
      this.#ending.throwIfAborted();
      throw error;
    } finally {
      this.#ending.removeEventListener('abort', giveUp);
    }
  }

  stop(): Promise<void> {
    return (this.#stopped ??= this.#leave().then(() => this.#end()));
  }

  async restartWorker(): Promise<void> {
    await this.#worker?.restart();
    await this.#pages?.restart(); // it knows the pipelines as they were when it began
  }

  async servePages(): Promise<void> {
    const port = await this.#ports.reserve('SLUICE_PAGES_PORT', 8088);
    this.state.pagesPort = port;
    writeState(this.#home, this.state);
    const serving = this.#supervise('pages', 'The server of the pages', (begun) =>
      startPages(this.#profile, this.#home, { ...this.state, pagesPort: port }, begun),
    );
    try {
      this.#pages = await serving;
    } catch (error) {
      delete this.state.pagesPort;
      writeState(this.#home, this.state);
      throw error;
    }
  }

  async #startParts(): Promise<void> {
    const { state } = this;
    const home = this.#home;
    const isWhole = state.parts === 'all';
    this.#say(isWhole ? 'starting PostgreSQL and Temporal' : 'starting PostgreSQL');
    const server = new EmbeddedServer(home, state.postgresPort, databasePassword(home), () =>
      embeddedDatabases(this.#profile, home, state),
    );
    const first = [this.#supervise('postgres', 'PostgreSQL', (begun) => server.start(begun))];
    if (isWhole)
      first.push(
        this.#supervise('temporal', 'Temporal', (begun) =>
          startTemporal(home, state.temporalPort, state.uiPort, begun),
        ),
      );
    const { mysqlPort } = state;
    if (mysqlPort !== undefined)
      first.push(
        this.#supervise('mysql', 'MariaDB', (begun) =>
          startMariaDb(
            { home, port: mysqlPort, password: databasePassword(home), databases: MYSQL_DATABASES },
            begun,
          ),
        ),
      );
    await Promise.allSettled(first);
    await Promise.all(first);
    if (this.#profile === 'aws-local') {
      this.#ending.throwIfAborted();
      this.#say('starting S3, Glue and Redshift');
      const port = await this.#ports.reserveRow(AWS_LOCAL_PORTS.first, AWS_LOCAL_PORTS.count);
      await this.#supervise('aws-local', 'The stand-ins for AWS', (begun) =>
        startAwsLocal(home, state, port, begun),
      );
      writeState(home, state);
    }
    if (!isWhole) return;
    this.#ending.throwIfAborted();
    this.#say('starting the worker');
    this.#worker = await this.#supervise('worker', 'The worker', (begun) =>
      startWorkingWorker(this.#profile, home, state, begun),
    );
  }

  #supervise(child: string, name: string, start: StartPart): Promise<Supervised> {
    const begun = (pid: number) => {
      const id = processId(pid);
      if (id) this.state.children[child] = id;
      writeState(this.#home, this.state);
    };
    const part = supervise(name, start, begun, this.#say);
    part.catch(() => undefined); // awaited by whoever needs it
    this.#parts.push(part);
    return part;
  }

  /** While parts start, nothing works on them yet: those that were begun may end in any order. */
  #endChildren(): void {
    for (const [name, child] of Object.entries(this.state.children))
      signal(child, name === 'postgres' ? 'SIGINT' : 'SIGTERM');
  }

  /** Lets those who use the stack finish; a new one may come until it is said that the stack ends. */
  async #leave(): Promise<void> {
    const ending = this.#ending;
    const hurried = new Promise<void>((resolve) => {
      ending.addEventListener('abort', () => resolve());
      if (ending.aborted) resolve();
    });
    for (;;) {
      await Promise.race([hurried, unused(this.#home, this.#say, ending)]);
      this.#setEnding(true);
      if (ending.aborted || !hasUsers(this.#home)) return;
      this.#setEnding(false);
    }
  }

  #setEnding(ending: boolean): void {
    this.state.ending = ending;
    writeState(this.#home, this.state);
  }

  /** Worker first, PostgreSQL last. */
  async #end(): Promise<void> {
    for (const part of this.#parts.splice(0).reverse()) {
      const begun = await part.catch(() => undefined);
      await begun?.stop();
    }
    clearState(this.#home);
    this.#ports.release();
    this.#endKeeper();
  }
}
