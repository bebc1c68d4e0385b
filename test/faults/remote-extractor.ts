import { cp, mkdir, mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { HandedOver } from '../../core/errors.ts';
import type { ExtractAllRequest, ExtractedTable, Extractor } from '../../connectors/extractor/port.ts';
import type { Lake } from '../../connectors/lake/port.ts';
import type { Extracted, Source } from '../../connectors/source/port.ts';

type Wanted = ExtractAllRequest['tables'][number];
type Outcome = { readonly folder: string; readonly extracted: Extracted } | Error;

/** A piece of work elsewhere: it outlives the call that started it. */
interface Job {
  readonly token: string;
  readonly tables: readonly string[];
  state: 'running' | 'done' | 'stopped';
}

/**
 * Extracts as a remote service does: a job per token, which a later call joins, writes real Parquet files into a landing folder,
 * and the lake adopts them. A test holds its jobs back and has tables fail.
 */
export class RemoteExtractor implements Extractor {
  readonly jobs: Job[] = [];
  readonly #source: Source;
  readonly #lake: Lake;
  readonly #landing: string;
  readonly #outcomes = new Map<string, Outcome>();
  readonly #under = new Map<string, { readonly job: Job; readonly ended: Promise<void> }>();
  readonly #failures = new Map<string, Error[]>();
  #gate = Promise.resolve();

  constructor(source: Source, lake: Lake, landing: string) {
    this.#source = source;
    this.#lake = lake;
    this.#landing = landing;
  }

  /** Forgets the jobs that were. */
  clear(): void {
    this.jobs.length = 0;
  }

  /** Jobs wait before they read. @returns what lets them go on */
  hold(): () => void {
    let release: () => void = () => undefined;
    this.#gate = new Promise((resolve) => (release = resolve));
    return release;
  }

  /** Has the table fail in the next jobs that read it, once for each error. */
  fail(table: string, ...errors: Error[]): void {
    this.#failures.set(table, errors);
  }

  /** Later calls with the token read again. */
  release(token: string): Promise<void> {
    for (const key of this.#outcomes.keys()) if (key.startsWith(`${token}/`)) this.#outcomes.delete(key);
    return Promise.resolve();
  }

  /** What is kept for attempts that may come: tables by token. */
  get kept(): readonly string[] {
    return [...this.#outcomes.keys()];
  }

  async extractAll(request: ExtractAllRequest, signal: AbortSignal): Promise<readonly ExtractedTable[]> {
    const { token } = request;
    const missing = request.tables.filter(({ table }) => {
      const outcome = this.#outcomes.get(`${token}/${table.name}`);
      return outcome === undefined || outcome instanceof Error;
    });
    if (missing.length) {
      const { job, ended } = this.#under.get(token) ?? this.#start(request, missing);
      const aborted = new Promise<never>((_resolve, reject) => {
        const end = () => reject(signal.reason as Error);
        if (signal.aborted) end();
        signal.addEventListener('abort', end, { once: true });
      });
      try {
        await Promise.race([ended, aborted]);
      } catch (error) {
        if (!(error instanceof HandedOver)) job.state = 'stopped';
        throw error;
      }
    }
    return Promise.all(request.tables.map((wanted) => this.#adopted(request, wanted)));
  }

  #start(request: ExtractAllRequest, wanted: readonly Wanted[]): { job: Job; ended: Promise<void> } {
    const job: Job = {
      token: request.token,
      tables: wanted.map(({ table }) => table.name),
      state: 'running',
    };
    this.jobs.push(job);
    const gate = this.#gate;
    const ended = (async () => {
      await gate;
      for (const each of wanted) {
        if (job.state === 'stopped') break;
        this.#outcomes.set(`${job.token}/${each.table.name}`, await this.#read(request, each));
      }
      if (job.state === 'running') job.state = 'done';
      this.#under.delete(job.token);
    })();
    this.#under.set(job.token, { job, ended });
    return { job, ended };
  }

  async #read({ interval }: ExtractAllRequest, { table, mark }: Wanted): Promise<Outcome> {
    const failure = this.#failures.get(table.name)?.shift();
    if (failure) return failure;
    await mkdir(this.#landing, { recursive: true });
    const folder = await mkdtemp(join(this.#landing, `${table.name}-`));
    const extracted = await this.#source.extract(
      { table, interval, mark, directory: folder },
      new AbortController().signal,
    );
    return { folder, extracted };
  }

  async #adopted(
    { token, pipeline, interval }: ExtractAllRequest,
    { table, loadId }: Wanted,
  ): Promise<ExtractedTable> {
    const outcome = this.#outcomes.get(`${token}/${table.name}`);
    if (!outcome || outcome instanceof Error) {
      return { table: table.name, error: outcome ?? new Error(`${table.name} was not read`) };
    }
    const named = { pipeline, domain: table.domain, table: table.name, loadId };
    const load = await this.#lake.open({ ...named, logicalDate: interval.start });
    await cp(outcome.folder, load.directory, { recursive: true });
    const { mode } = table.extract;
    const committed = await load.commit({
      ...named,
      version: 1,
      interval,
      mode,
      ...outcome.extracted,
    });
    return { table: table.name, ...committed };
  }
}
