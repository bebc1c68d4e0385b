import { spawn, type ChildProcess } from 'node:child_process';
import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { Lines } from '../../process/lines.ts';
import { killGroup, type GroupLeader } from '../../process/fenced.ts';

/** An idle server is about 100 MB; the next build after it takes some seconds more. */
const IDLE_MS = 10 * 60_000;
/** For what a killed process has yet to do. */
const GONE_MS = 2_000;
/** What a server does at once takes no longer, however slow the machine. */
const TOLD_MS = 10_000;

/** What the server tells of a command: see `dbt_runner.py`. */
interface Told {
  /** Absent of what it tells of itself: that it serves, and that dbt was installed anew since it has imported it. */
  readonly id?: number;
  readonly ready?: true;
  readonly stale?: true;
  readonly pid?: number;
  readonly out?: string;
  readonly err?: string;
  readonly code?: number | null;
  readonly signal?: NodeJS.Signals | null;
  readonly closed?: true;
}

/**
 * Python with dbt imported, whose forks run dbt's commands: to import it takes seconds of a processor, to fork it milliseconds.
 * It starts with the first command, ends with this process or when it was idle for long, and holds no process open.
 */
export class ForkServer {
  readonly #program: string;
  readonly #arguments: readonly string[];
  readonly #environment: Readonly<Record<string, string>>;
  #server: Server | undefined;

  constructor(program: string, args: readonly string[], environment: Readonly<Record<string, string>>) {
    this.#program = program;
    this.#arguments = args;
    this.#environment = environment;
  }

  /** A command of dbt, as a child process of the server. */
  start(args: readonly string[], environment: Readonly<Record<string, string>>): GroupLeader {
    if (!this.#server?.takes) this.#server = new Server(this.#program, this.#arguments, this.#environment);
    return this.#server.start(args, environment);
  }
}

class Server {
  readonly #process: ChildProcess;
  readonly #commands = new Map<number, Forked>();
  /** What it is to be given once it serves, by command. */
  readonly #waiting = new Map<number, object>();
  #isReady = false;
  #last = 0;
  #idle: NodeJS.Timeout | undefined;
  /** Whether it lives and is not about to end. */
  takes = true;

  constructor(program: string, args: readonly string[], environment: Readonly<Record<string, string>>) {
    const server = spawn(program, args, {
      // A signal to this process' group is not for it.
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe'],
      env: environment,
    });
    this.#process = server;
    // It has ended, which is told below.
    server.stdin.on('error', () => undefined);
    let errors = '';
    const note = (text: string) => {
      errors = (errors + text).slice(-4_000);
    };
    new Lines((line) => {
      const told = parsed(line);
      if (told) this.#take(told);
      else note(`${line}\n`); // a library that prints, or half a line of a server that was killed
    }).readFrom(server.stdout);
    server.stderr.setEncoding('utf8').on('data', note);
    server.once('exit', () => {
      this.takes = false;
    });
    const ended = (how: (command: Forked) => void) => {
      this.takes = false;
      clearTimeout(this.#idle);
      const commands = [...this.#commands.values()];
      this.#commands.clear();
      for (const command of commands) how(command);
    };
    server.once('error', (error) => ended((command) => command.events.emit('error', error)));
    server.once('close', (code, signal) =>
      ended((command) => void command.endWithServer(code, signal, errors)),
    );
  }

  start(args: readonly string[], environment: Readonly<Record<string, string>>): Forked {
    clearTimeout(this.#idle);
    this.#hold(true);
    const id = (this.#last += 1);
    const command = new Forked({
      kill: () => this.#kill(),
      withdraw: () => {
        if (!this.#waiting.delete(id)) return false;
        this.#forget(id);
        return true;
      },
      hold: (isHeld) => this.#give({ id, hold: isHeld }),
      drop: () => {
        this.#give({ id, drop: true });
        this.#forget(id);
      },
    });
    this.#commands.set(id, command);
    const request = { id, arguments: args, environment };
    if (this.#isReady) this.#give(request);
    else this.#waiting.set(id, request);
    return command;
  }

  #give(line: object): void {
    this.#process.stdin?.write(`${JSON.stringify(line)}\n`);
  }

  #take(told: Told): void {
    if (told.stale) this.takes = false;
    if (told.ready) {
      this.#isReady = true;
      for (const request of this.#waiting.values()) this.#give(request);
      this.#waiting.clear();
    }
    if (told.id === undefined) return;
    this.#commands.get(told.id)?.take(told);
    if (told.closed) this.#forget(told.id);
  }

  #forget(id: number): void {
    if (!this.#commands.delete(id) || this.#commands.size > 0) return;
    this.#hold(false);
    // That it hangs would be found out by nobody else.
    if (!this.#isReady) this.#kill();
    else if (!this.takes) this.#end();
    else this.#idle = setTimeout(() => this.#end(), IDLE_MS).unref();
  }

  #end(): void {
    this.takes = false;
    this.#process.stdin?.end();
  }

  #kill(): void {
    this.takes = false;
    if (this.#process.pid !== undefined) killGroup(this.#process.pid, 'SIGKILL');
  }

  /** Whether this process may not end before the server has answered. */
  #hold(isHeld: boolean): void {
    const { stdin, stdout, stderr } = this.#process;
    const pipes = [stdin, stdout, stderr] as Socket[];
    for (const each of [this.#process, ...pipes])
      if (isHeld) each.ref();
      else each.unref();
  }
}

function parsed(line: string): Told | undefined {
  try {
    const told = JSON.parse(line) as Told | null;
    return typeof told?.id === 'number' || told?.ready || told?.stale ? told : undefined;
  } catch {
    return undefined;
  }
}

/** What a command asks of its server. */
interface ItsServer {
  kill(): void;
  /** @returns whether the server had not been given it yet */
  withdraw(): boolean;
  /** Whether what it writes is to stay where it is. */
  hold(isHeld: boolean): void;
  drop(): void;
}

class Forked implements GroupLeader {
  readonly stdout = new PassThrough();
  readonly stderr = new PassThrough();
  readonly events = new EventEmitter();
  readonly #server: ItsServer;
  #pid: number | undefined;
  #end: [code: number | null, signal: NodeJS.Signals | null] | undefined;
  #isClosing = false;
  /** Asked for before it was there. */
  #wanted: NodeJS.Signals | undefined;

  constructor(server: ItsServer) {
    this.#server = server;
    for (const stream of [this.stdout, this.stderr])
      stream.on('drain', () => {
        if (!this.stdout.writableNeedDrain && !this.stderr.writableNeedDrain) server.hold(false);
      });
    // Who reads it gives up: something that has left the group holds it open.
    this.stdout.once('close', () => {
      if (!this.#isClosing) server.drop();
    });
  }

  killGroup(signal: NodeJS.Signals): void {
    if (this.#pid !== undefined) {
      killGroup(this.#pid, signal);
      if (signal === 'SIGKILL') this.#mustBeTold();
      return;
    }
    if (this.#end) return; // it could not be forked, or need not be
    if (this.#server.withdraw()) {
      this.take({ signal, closed: true });
      return;
    }
    this.#wanted = signal;
    // It should be there long since: the server hangs.
    if (signal === 'SIGKILL') this.#server.kill();
  }

  /** A killed process ends; that a server that hangs does not say so is no reason to wait for ever. */
  #mustBeTold(): void {
    setTimeout(() => {
      if (!this.#end) this.#server.kill();
    }, TOLD_MS).unref();
  }

  take({ pid, out, err, code = null, signal = null, closed }: Omit<Told, 'id'>): void {
    if (pid !== undefined) {
      this.#pid = pid;
      if (this.#wanted) this.killGroup(this.#wanted);
    }
    // Who writes faster than it is read has to wait.
    if (out !== undefined && !this.stdout.write(out)) this.#server.hold(true);
    if (err !== undefined && !this.stderr.write(err)) this.#server.hold(true);
    if (code !== null || signal !== null) {
      this.#end = [code, signal];
      this.events.emit('exit', code, signal);
    }
    if (closed) this.#close();
  }

  /** A server that ends takes its commands with it. What it says itself is why it could not serve, where it had not forked. */
  async endWithServer(code: number | null, signal: NodeJS.Signals | null, errors: string): Promise<void> {
    if (!this.#end) {
      if (this.#pid !== undefined) {
        this.killGroup('SIGKILL');
        await untilGone(this.#pid);
      }
      this.stderr.write(errors);
      // 0 would say that it was done.
      this.take(code === 0 || this.#pid !== undefined ? { signal: 'SIGKILL' } : { code, signal });
    }
    this.#close();
  }

  /** When the last line was read. */
  #close(): void {
    this.#isClosing = true;
    const streams = [this.stdout, this.stderr];
    for (const stream of streams) {
      stream.once('close', () => {
        if (streams.every((each) => each.closed)) this.events.emit('close', ...(this.#end ?? [null, null]));
      });
      stream.end();
    }
  }
}

/** Whoever takes over what has become an orphan need not reap it: there is an end to that. */
async function untilGone(leader: number): Promise<void> {
  for (const end = performance.now() + GONE_MS; performance.now() < end; await pause(20)) {
    try {
      process.kill(-leader, 0);
    } catch {
      return;
    }
  }
}
