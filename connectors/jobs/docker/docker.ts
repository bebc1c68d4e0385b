import { dirname, basename } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { withTimeLimit } from '../../../core/abort.ts';
import { HandedOver, TransientError } from '../../../core/errors.ts';
import { endedWell, endingOf, INPUT, isFinal, nameOf, OUTPUT } from '../containers.ts';
import type { ContainerJob, ContainerOutcome, ContainerRunner, JobProgress } from '../port.ts';
import { packed, unpacked } from './archive.ts';
import { Containers, type Found } from './containers.ts';
import { Engine } from './engine.ts';
import { engineFailure, isRefused, Refused, startFailure } from './errors.ts';
import { pull, registryOf, type Registry } from './images.ts';
import { readLog } from './log.ts';

export interface DockerOptions {
  /** As in `DOCKER_HOST`; absent: the socket of this machine. */
  readonly host?: string | undefined;
  /** That containers join; absent: the engine's own. */
  readonly network?: string | undefined;
  /** By host: `ghcr.io`. */
  readonly registries?: Readonly<Record<string, Registry>> | undefined;
  /** Bytes that an output may have. */
  readonly outputLimit: number;
}

const SOCKET = 'unix:///var/run/docker.sock';
const PING_MS = 5_000;
const STOP_SECONDS = 10; // after SIGTERM, before SIGKILL
const START_MS = 300_000; // for an engine that lays out a large image first
const LAST_LINES_MS = 30_000; // for the rest of a long log, once its container has ended
const JOINED_TAIL = '1000'; // lines of a log that an attempt reads which joins a container
const ROUNDS = 5; // others may make or remove a container of this name meanwhile
/** For Temporal to hear of an outcome: until then a worker's death would have it asked for again. */
const LINGER_MS = 60_000;

/** Containers on a Docker engine, or on what speaks its API (Podman). Works from within a container, too: nothing is shared but the API. */
export class Docker implements ContainerRunner {
  readonly #engine: Engine;
  readonly #containers: Containers;
  readonly #options: DockerOptions;

  constructor(options: DockerOptions) {
    this.#options = options;
    this.#engine = new Engine(options.host ?? SOCKET);
    this.#containers = new Containers(this.#engine, options.network);
  }

  /** Whether the engine answers. @throws {TerminalError | Unreachable} why it does not */
  async answers(): Promise<void> {
    await this.#engine.json('GET', '/_ping', { patienceMs: PING_MS });
  }

  async run(
    job: ContainerJob,
    signal: AbortSignal,
    onProgress: (progress: JobProgress) => void = () => undefined,
    onLine: (line: string) => void = () => undefined,
  ): Promise<ContainerOutcome> {
    signal.throwIfAborted();
    // Of others: whether they can be removed now is no matter of this job's.
    for (const id of await this.#containers.forgotten())
      await this.#containers.remove(id).catch(() => undefined);
    const { id, state } = await this.#joinOrStart(job, signal);
    onProgress({ jobRunId: id.slice(0, 12), state });
    try {
      const ended = await this.#ended(id, job, state === 'joined', signal, onLine);
      const outcome = await this.#outcome(ended, job);
      setTimeout(() => void this.#containers.remove(id).catch(() => undefined), LINGER_MS).unref();
      return outcome;
    } catch (error) {
      if (!signal.aborted) throw error;
      if (!(signal.reason instanceof HandedOver)) {
        await this.#containers.stop(id, STOP_SECONDS);
        await this.#containers.remove(id);
      }
      throw signal.reason;
    }
  }

  async release(owner: string): Promise<void> {
    for (const id of await this.#containers.ofOwner(owner)) await this.#containers.remove(id);
  }

  /** The token's container where there is one whose outcome stands or comes, else a new one. */
  async #joinOrStart(
    job: ContainerJob,
    signal: AbortSignal,
  ): Promise<{ id: string; state: 'joined' | 'started' }> {
    for (let round = 0; round < ROUNDS; round += 1) {
      const found = await this.#containers.find(nameOf(job));
      if (found && (found.isUnderWay || (!found.isNew && isFinal(found, job))))
        return { id: found.id, state: 'joined' };
      if (found) await this.#containers.remove(found.id);
      const id = await this.#made(job, signal);
      if (id === undefined) continue;
      await this.#begin(id, job);
      return { id, state: 'started' };
    }
    throw new TransientError(
      `${job.subject}: others make and remove its container ${nameOf(job)}. It is tried again.`,
    );
  }

  async #made(job: ContainerJob, signal: AbortSignal): Promise<string | undefined> {
    const { image, subject } = job;
    try {
      return await this.#containers.make(job);
    } catch (error) {
      if (!isRefused(error, 404)) throw engineFailure(error, subject);
    }
    await pull(this.#engine, image, subject, this.#options.registries?.[registryOf(image)], signal);
    return this.#containers.make(job).catch((error: unknown) => {
      throw engineFailure(error, subject);
    });
  }

  async #begin(id: string, { input, subject, command }: ContainerJob): Promise<void> {
    try {
      const archive = await packed(dirname(INPUT).slice(1), basename(INPUT), input);
      await this.#engine.json('PUT', `/containers/${id}/archive`, { query: { path: '/' }, body: archive });
      await this.#engine.json('POST', `/containers/${id}/start`, { patienceMs: START_MS });
    } catch (error) {
      // Where no answer came it may run all the same: the next attempt joins it.
      if (error instanceof Refused) await this.#containers.remove(id);
      throw startFailure(error, subject, command);
    }
  }

  async #ended(
    id: string,
    { subject, timeoutMs }: ContainerJob,
    isJoined: boolean,
    signal: AbortSignal,
    onLine: (line: string) => void,
  ): Promise<Found> {
    const log = await this.#engine.stream('GET', `/containers/${id}/logs`, {
      query: { follow: '1', stdout: '1', stderr: '1', tail: isJoined ? JOINED_TAIL : 'all' },
      signal,
      isLong: true,
    });
    const read = readLog(log, onLine);
    let isLate = false;
    try {
      isLate = await this.#end(id, timeoutMs, signal);
      const patience = new AbortController();
      await Promise.race([read, wait(LAST_LINES_MS, undefined, { signal: patience.signal })]);
      patience.abort();
    } finally {
      log.destroy();
    }
    const found = await this.#containers.find(id);
    if (found && !found.isUnderWay)
      return isLate ? { ...found, ranMs: Math.max(found.ranMs, timeoutMs) } : found;
    throw new TransientError(
      `${subject}: its container ${id.slice(0, 12)} ${found ? 'runs again' : 'was removed by somebody else'}. It is tried again.`,
    );
  }

  /** Waits for its end, and stops it when its time is over. @returns whether it was */
  async #end(id: string, timeoutMs: number, signal: AbortSignal): Promise<boolean> {
    const found = await this.#containers.find(id);
    if (!found?.isUnderWay) return false;
    return withTimeLimit(Math.max(0, timeoutMs - found.ranMs), signal, async (stop, limit) => {
      try {
        await this.#engine.json('POST', `/containers/${id}/wait`, { signal: stop, isLong: true });
        return false;
      } catch (error) {
        signal.throwIfAborted();
        if (!limit.aborted && !isRefused(error, 404)) throw engineFailure(error, `Container ${id}`);
        if (limit.aborted) await this.#containers.stop(id, STOP_SECONDS);
      }
      return limit.aborted;
    });
  }

  async #outcome(ended: Found, { subject, timeoutMs, memory }: ContainerJob): Promise<ContainerOutcome> {
    const { id, exitCode, ranMs } = ended;
    const ending = endingOf(ended, timeoutMs);
    const succeeded = endedWell(ended, timeoutMs);
    const limit = memory === undefined ? '' : ` (${memory} bytes)`;
    return {
      jobRunId: id.slice(0, 12),
      succeeded,
      message: succeeded
        ? null
        : `container ${id.slice(0, 12)} ended with exit code ${exitCode}: ${ending}${ending === 'out of memory' ? limit : ''}`,
      seconds: Math.round(ranMs / 1000),
      ending,
      exitCode,
      output: succeeded ? await this.#output(id, subject) : null,
    };
  }

  async #output(id: string, subject: string): Promise<ContainerOutcome['output']> {
    try {
      const answer = await this.#engine.stream('GET', `/containers/${id}/archive`, {
        query: { path: OUTPUT },
      });
      const stat = Buffer.from(String(answer.headers['x-docker-container-path-stat']), 'base64');
      const { size } = JSON.parse(stat.toString('utf8')) as { size: number };
      if (size > this.#options.outputLimit) {
        answer.destroy();
        return { bytes: size, text: null };
      }
      const text = await unpacked(answer);
      return text === undefined || text === '' ? null : { bytes: size, text };
    } catch (error) {
      if (isRefused(error, 404)) return null;
      throw engineFailure(error, subject);
    }
  }
}
