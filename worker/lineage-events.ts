import { createHash } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Ledger, RunRecord } from '../connectors/ledger/port.ts';
import type { LineageSink } from '../connectors/lineage/port.ts';
import type { Dashboard } from '../core/dashboards/resolve.ts';
import { messageOf, TerminalError } from '../core/errors.ts';
import { lineageOf } from '../core/lineage/lineage.ts';
import { eventsOf, type Happening, type Told } from '../core/lineage/open-lineage.ts';
import type { ResolvedPipeline } from '../core/pipeline.ts';

export interface LineageEventsOptions {
  readonly sink: LineageSink;
  readonly namespace: string;
  readonly ledger: Pick<Ledger, 'runs' | 'models'>;
  readonly registry: ReadonlyMap<string, ResolvedPipeline>;
  readonly dashboards: ReadonlyMap<string, Dashboard>;
  readonly log: Pick<Logger, 'warn'>;
  /** Counts events that nobody got. */
  readonly onDropped: (events: number) => void;
}

const MOST_WAITING = 1_000;
const ATTEMPTS = 3;
const PAUSE_MS = 1_000; // doubled each time
const SAID_EVERY_MS = 60_000;
const LAST_MS = 2_000; // of a worker that ends
const RUNS_KNOWN = 200;

/**
 * Tells others of runs and steps behind their back: nobody waits for it. What waits is bounded; what cannot be sent after three
 * attempts, or has no place, is dropped, counted, and said.
 */
export class LineageEvents {
  readonly #options: LineageEventsOptions;
  readonly #waiting: Happening[] = [];
  readonly #runs = new Map<string, RunRecord>();
  readonly #closing = new AbortController();
  #working: Promise<void> | undefined;
  #dropped = 0;
  #saidAt = 0;

  constructor(options: LineageEventsOptions) {
    this.#options = options;
  }

  /** How many happenings, or events of them, nobody got. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Takes note and returns at once. */
  tell(happening: Happening): void {
    if (this.#closing.signal.aborted || this.#waiting.length >= MOST_WAITING)
      return this.#drop(1, `more than ${MOST_WAITING} wait`);
    this.#waiting.push(happening);
    this.#working ??= this.#work().finally(() => (this.#working = undefined));
  }

  /** Sends what waits, for two seconds at most. */
  async close(): Promise<void> {
    const last = pause(LAST_MS, undefined, { ref: false });
    await Promise.race([this.#working, last]);
    this.#closing.abort();
    if (this.#waiting.length) this.#drop(this.#waiting.splice(0).length, 'the worker has ended');
  }

  async #work(): Promise<void> {
    for (let next = this.#waiting.shift(); next; next = this.#waiting.shift()) {
      if (this.#closing.signal.aborted) return this.#drop(1, 'the worker has ended');
      try {
        const told = await this.#toldOf(next);
        for (const event of told ? eventsOf(next, told) : []) await this.#send(event);
      } catch (error) {
        this.#drop(1, messageOf(error));
      }
    }
  }

  async #send(event: ReturnType<typeof eventsOf>[number]): Promise<void> {
    for (let attempt = 1; ; attempt += 1)
      try {
        return await this.#options.sink.send(event);
      } catch (error) {
        if (error instanceof TerminalError || attempt === ATTEMPTS || this.#closing.signal.aborted)
          return this.#drop(1, messageOf(error));
        await pause(PAUSE_MS * 2 ** (attempt - 1), undefined, { signal: this.#closing.signal }).catch(
          () => undefined,
        );
      }
  }

  #drop(events: number, why: string): void {
    this.#dropped += events;
    this.#options.onDropped(events);
    if (Date.now() - this.#saidAt < SAID_EVERY_MS) return;
    this.#saidAt = Date.now();
    this.#options.log.warn({ dropped: this.#dropped, why }, 'lineage events were dropped; runs go on');
  }

  /** Undefined for what has no run in the ledger: it was never opened. */
  async #toldOf({ runId }: Happening): Promise<Told | undefined> {
    const { ledger, registry, dashboards, namespace } = this.#options;
    const run = this.#runs.get(runId) ?? (await ledger.runs({ id: runId, limit: 1 }))[0];
    const definition = run && registry.get(run.pipeline);
    if (!run || !definition) return undefined;
    this.#runs.set(runId, run);
    if (this.#runs.size > RUNS_KNOWN) this.#runs.delete(this.#runs.keys().next().value ?? '');
    const models = (await ledger.models(run.pipeline))?.models;
    const lineage = lineageOf({
      definition,
      models,
      dashboards: [...dashboards.values()].filter(({ pipeline }) => pipeline === run.pipeline),
      pipelines: [...registry.keys()],
    });
    const places = new Map(models?.nodes.map(({ id, schema, name }) => [id, `${schema}.${name}`]));
    return { namespace, pipeline: run.pipeline, interval: run.interval, lineage, places, uuid };
  }
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** A run's own id is one already; of other words one by their hash (RFC 9562, version 8). */
export function uuid(words: string): string {
  if (UUID.test(words)) return words;
  const hash = createHash('sha256').update(words).digest('hex');
  const variant = '89ab'[Number.parseInt(hash[16] ?? '0', 16) % 4] ?? '8';
  return `${hash.slice(0, 8)}-${hash.slice(8, 12)}-8${hash.slice(13, 16)}-${variant}${hash.slice(17, 20)}-${hash.slice(20, 32)}`;
}
