import { z } from 'zod';
import { TransientError } from '../../../core/errors.ts';
import { nameOf, variablesOf, type Ended } from '../containers.ts';
import type { ContainerJob } from '../port.ts';
import type { Engine } from './engine.ts';
import { engineFailure, isRefused } from './errors.ts';

/** What Docker says of a container that ran when its engine, or the machine, went down. */
const LOST = 255;
const OWNER = 'sluice.owner';
/** Seconds since 1970 after which nobody comes back for a container. */
const UNTIL = 'sluice.until';
/** After its time, for a worker that was away. */
const KEPT_MS = 24 * 3_600_000;
/** For an engine to stop what it has killed. */
const STOPPED_MS = 60_000;
/** Of its log, with the engine; it is read while it is written. */
const LOG = { Type: 'json-file', Config: { 'max-size': '16m', 'max-file': '2' } };

const inspected = z.object({
  Id: z.string(),
  State: z.object({
    Status: z.string(),
    Running: z.boolean(),
    OOMKilled: z.boolean().default(false),
    ExitCode: z.number(),
    StartedAt: z.string(),
    FinishedAt: z.string(),
  }),
});
const listed = z.array(z.object({ Id: z.string(), Labels: z.record(z.string(), z.string()).nullish() }));
const created = z.object({ Id: z.string() });

/** A container as the engine knows it. */
export interface Found extends Ended {
  readonly id: string;
  readonly isUnderWay: boolean;
  /** It was made, and never begun. */
  readonly isNew: boolean;
  /** Since its start, by the engine's clock where it has ended. */
  readonly ranMs: number;
}

/** Containers of an engine: made by name, so that there is one of a token. */
export class Containers {
  readonly #engine: Engine;
  readonly #network: string | undefined;

  constructor(engine: Engine, network: string | undefined) {
    this.#engine = engine;
    this.#network = network;
  }

  /** @param ref a name or an id */
  async find(ref: string): Promise<Found | undefined> {
    try {
      const { Id, State } = inspected.parse(await this.#engine.json('GET', `/containers/${ref}/json`));
      const began = Date.parse(State.StartedAt);
      const ended = State.Running ? Date.now() : Date.parse(State.FinishedAt);
      return {
        id: Id,
        isUnderWay: State.Running || State.Status === 'restarting',
        isNew: State.Status === 'created',
        exitCode: State.ExitCode,
        outOfMemory: State.OOMKilled,
        ranMs: ended - began,
        lost: State.ExitCode === LOST,
      };
    } catch (error) {
      if (isRefused(error, 404)) return undefined;
      throw engineFailure(error, `Container ${ref}`);
    }
  }

  /**
   * Makes one; it does not begin by that.
   * @returns its id; undefined where there is one of its name
   * @throws {Refused} 404: the image is not there
   */
  async make(job: ContainerJob): Promise<string | undefined> {
    const { image, command, cpu, memory, owner, timeoutMs } = job;
    const environment = Object.entries(variablesOf(job)).map(([name, value]) => `${name}=${value}`);
    const body = {
      Image: image,
      Env: environment,
      ...(command.length ? { Cmd: command } : {}),
      Labels: {
        [OWNER]: owner,
        [UNTIL]: String(Math.ceil((Date.now() + timeoutMs + KEPT_MS) / 1000)),
      },
      HostConfig: {
        LogConfig: LOG,
        ...(cpu === undefined ? {} : { NanoCpus: Math.round(cpu * 1e9) }),
        // No swap beyond it: what is too large is told, not slow.
        ...(memory === undefined ? {} : { Memory: memory, MemorySwap: memory }),
        ...(this.#network === undefined ? {} : { NetworkMode: this.#network }),
      },
    };
    try {
      const answer = await this.#engine.json('POST', '/containers/create', {
        query: { name: nameOf(job) },
        body,
      });
      return created.parse(answer).Id;
    } catch (error) {
      if (isRefused(error, 409)) return undefined;
      throw error;
    }
  }

  /** SIGTERM, and after a while SIGKILL. One that has ended, or is gone, is as good as stopped. */
  async stop(id: string, patienceSeconds: number): Promise<void> {
    await this.#unlessGone(id, () =>
      this.#engine.json('POST', `/containers/${id}/stop`, {
        query: { t: String(patienceSeconds) },
        patienceMs: patienceSeconds * 1000 + STOPPED_MS,
      }),
    );
  }

  /** Ends and removes it. */
  async remove(id: string): Promise<void> {
    await this.#unlessGone(id, () =>
      this.#engine.json('DELETE', `/containers/${id}`, { query: { force: '1', v: '1' } }),
    );
  }

  /** All of an owner, whatever became of them. */
  async ofOwner(owner: string): Promise<string[]> {
    return (await this.#list(`${OWNER}=${owner}`)).map(({ Id }) => Id);
  }

  /** Those that nobody comes back for: their run was ended from outside while no worker was there. */
  async forgotten(): Promise<string[]> {
    const now = Date.now() / 1000;
    const all = await this.#list(UNTIL);
    return all.filter(({ Labels }) => Number(Labels?.[UNTIL]) < now).map(({ Id }) => Id);
  }

  async #list(label: string): Promise<z.infer<typeof listed>> {
    try {
      const filters = JSON.stringify({ label: [label] });
      return listed.parse(
        await this.#engine.json('GET', '/containers/json', { query: { all: '1', filters } }),
      );
    } catch (error) {
      throw engineFailure(error, 'The list of containers');
    }
  }

  async #unlessGone(id: string, call: () => Promise<unknown>): Promise<void> {
    try {
      await call();
    } catch (error) {
      if (isRefused(error, 404)) return;
      // Somebody else removes it at this moment.
      if (isRefused(error, 409))
        throw new TransientError(`Container ${id}: ${error.message}. It is tried again.`, { cause: error });
      throw engineFailure(error, `Container ${id}`);
    }
  }
}
