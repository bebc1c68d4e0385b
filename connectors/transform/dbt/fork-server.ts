import { spawn, type ChildProcess } from 'node:child_process';
import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import { setTimeout as after } from 'node:timers';
import { Lines } from '../../process/lines.ts';
import { killGroup, type GroupLeader } from '../../process/fenced.ts';

/** An idle server is about 100 MB; the next build after it takes some seconds more. */
const IDLE_MS = 10 * 60_000;

/** What the server tells of a command: see `dbt_runner.py`. */
interface Told {
  readonly id: number;
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
    new Lines((line) => this.#take(JSON.parse(line) as Told)).readFrom(server.stdout);
    let errors = '';
    server.stderr.setEncoding('utf8').on('data', (text: string) => {
      errors = (errors + text).slice(-4_000);
    });
    const ended = (how: (command: Forked) => void) => {
      this.takes = false;
      clearTimeout(this.#idle);
      for (const command of this.#commands.values()) how(command);
      this.#commands.clear();
    };
    server.once('error', (error) => ended((command) => command.events.emit('error', error)));
    server.once('close', (code, signal) => ended((command) => command.endWithServer(code, signal, errors)));
  }

  start(args: readonly string[], environment: Readonly<Record<string, string>>): Forked {
    clearTimeout(this.#idle);
    this.#hold(true);
    const id = (this.#last += 1);
    const command = new Forked();
    this.#commands.set(id, command);
    this.#process.stdin?.write(`${JSON.stringify({ id, arguments: args, environment })}\n`);
    return command;
  }

  #take(told: Told): void {
    const command = this.#commands.get(told.id);
    command?.take(told);
    if (!told.closed) return;
    this.#commands.delete(told.id);
    if (this.#commands.size > 0) return;
    this.#hold(false);
    this.#idle = after(() => {
      this.takes = false;
      this.#process.stdin?.end();
    }, IDLE_MS).unref();
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

class Forked implements GroupLeader {
  readonly stdout = new PassThrough();
  readonly stderr = new PassThrough();
  readonly events = new EventEmitter();
  #pid: number | undefined;
  #end: [code: number | null, signal: NodeJS.Signals | null] | undefined;
  /** Asked for before it was there. */
  #wanted: NodeJS.Signals | undefined;

  killGroup(signal: NodeJS.Signals): void {
    if (this.#pid === undefined) this.#wanted = signal;
    else killGroup(this.#pid, signal);
  }

  take({ pid, out, err, code = null, signal = null, closed }: Omit<Told, 'id'>): void {
    if (pid !== undefined) {
      this.#pid = pid;
      if (this.#wanted) this.killGroup(this.#wanted);
    }
    if (out !== undefined) this.stdout.write(out);
    if (err !== undefined) this.stderr.write(err);
    if (code !== null || signal !== null) {
      this.#end = [code, signal];
      this.events.emit('exit', code, signal);
    }
    if (closed) this.#close();
  }

  /** A server that ends takes its commands with it. */
  endWithServer(code: number | null, signal: NodeJS.Signals | null, errors: string): void {
    if (!this.#end) {
      this.killGroup('SIGKILL');
      this.stderr.write(errors);
      // 0 would say that it was done.
      this.take(code === 0 ? { signal: 'SIGKILL' } : { code, signal });
    }
    this.#close();
  }

  /** When the last line was read. */
  #close(): void {
    const streams = [this.stdout, this.stderr];
    for (const stream of streams) {
      stream.once('close', () => {
        if (streams.every((each) => each.closed)) this.events.emit('close', ...(this.#end ?? [null, null]));
      });
      stream.end();
    }
  }
}
