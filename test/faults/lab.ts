import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client as TemporalClient, Connection } from '@temporalio/client';
import getPort from 'get-port';
import pg from 'pg';
import { embeddedEnvironment } from '../../cli/embedded/environment.ts';
import { EmbeddedServer } from '../../cli/embedded/postgres.ts';
import { databasePassword } from '../../cli/embedded/state.ts';
import { startTemporal } from '../../cli/embedded/temporal.ts';
import type { Session } from '../../cli/session.ts';
import { startRun, type RunHandle } from '../../operations/start-run.ts';
import { LEDGER_TABLES } from '../../connectors/ledger/postgres/fixtures.ts';
import type { RunRecord } from '../../connectors/ledger/port.ts';
import { openLedger } from '../../profiles/open.ts';
import { EnvironmentSecrets } from '../../connectors/secrets/environment.ts';
import { intervalText } from '../../core/interval.ts';
import type { RunPipelineInput } from '../../core/run-input.ts';
import type { Profile } from '../../profiles/profile.ts';
import { readProfile } from '../../profiles/read.ts';
import { startWorker, type LabWorker } from './crew.ts';
import { registry, seedShop } from './shop.ts';

/**
 * The embedded stack taken apart: real PostgreSQL (source and ledger), real Temporal, real workers, each of which a test
 * can stop, kill and start again by itself.
 */
export class Lab {
  readonly home: string;
  readonly profile: Profile;
  readonly session: Session;
  /** A session in the source, for what a test does to it. */
  source: pg.Client;
  readonly #parts: Parts;
  readonly #workers: LabWorker[] = [];
  readonly #held = new Set<() => Promise<void>>();

  private constructor(home: string, parts: Parts, profile: Profile, session: Session, source: pg.Client) {
    this.home = home;
    this.#parts = parts;
    this.profile = profile;
    this.session = session;
    this.source = source;
  }

  /** @param adapt what the workers' profile has that the lab's own has not */
  static async open(adapt: (profile: Profile) => Profile = (profile) => profile): Promise<Lab> {
    const home = mkdtempSync(join(tmpdir(), 'sluice-lab-'));
    chmodSync(home, 0o755); // started by root, PostgreSQL runs as a user of its own
    mkdirSync(join(home, 'logs'));
    const ports = { postgres: 0, temporal: 0, ui: 0 };
    // Another test may take a port between its choice and its use.
    const started = await retried(async () => {
      ports.postgres = await getPort();
      const server = new EmbeddedServer(home, ports.postgres, databasePassword(home));
      return { postgres: await server.start(), startPostgres: () => server.start() };
    });
    const startTemporalAgain = () => startTemporal(home, ports.temporal, ports.ui);
    const temporal = await retried(async () => {
      [ports.temporal, ports.ui] = [await getPort(), await getPort()];
      return startTemporalAgain();
    });
    const parts: Parts = { ...started, startTemporal: startTemporalAgain, temporal };
    const profile = adapt(await labProfile(home, ports));
    const connection = await Connection.connect({ address: profile.temporal.address });
    const ledger = await openLedger(profile);
    await ledger.migrate();
    const session: Session = { profile, connection, temporal: new TemporalClient({ connection }), ledger };
    const source = await connectTo(profile);
    // Its machine does not fail here, and disks that are waited for make the suite long.
    await source.query('ALTER SYSTEM SET fsync = off');
    await source.query('SELECT pg_reload_conf()');
    await seedShop(source);
    return new Lab(home, parts, profile, session, source);
  }

  /** As profiles/embedded.yaml has them. */
  get lakeFolder(): string {
    return join(this.home, 'lake');
  }

  get warehouseFile(): string {
    return join(this.home, 'warehouse.duckdb');
  }

  async startWorker(): Promise<LabWorker> {
    const worker = await startWorker(this.home, this.profile);
    this.#workers.push(worker);
    return worker;
  }

  /** Starts a run of `shop`; the day's interval, and only small tables, unless the input says otherwise. */
  async run(input: Partial<RunPipelineInput>): Promise<RunHandle> {
    return startRun(this.session, registry, { pipeline: 'shop', ...input });
  }

  /** Ends Temporal without a warning, and starts it again on its database and port. */
  async restartTemporal(meanwhile: () => Promise<void> = () => Promise.resolve()): Promise<void> {
    const { temporal } = this.#parts;
    if (temporal) process.kill(temporal.pid, 'SIGKILL');
    await temporal?.exited;
    await meanwhile();
    this.#parts.temporal = await this.#parts.startTemporal();
  }

  /** Ends PostgreSQL, source and ledger, with everybody connected, and starts it again. */
  async restartPostgres(meanwhile: () => Promise<void> = () => Promise.resolve()): Promise<void> {
    this.source.on('error', () => undefined);
    await this.#parts.postgres?.stop();
    await this.source.end().catch(() => undefined);
    await meanwhile();
    this.#parts.postgres = await this.#parts.startPostgres();
    this.source = await connectTo(this.profile);
  }

  /** The newest run that failed. */
  async failedRun(): Promise<RunRecord> {
    const [run] = await this.session.ledger.runs({ outcomes: ['failed'], limit: 1 });
    if (!run) throw new Error('No run has failed.');
    return run;
  }

  /** Another session in the source, for a lock; it ends when it is told to, and with the test at the latest. */
  async holdInSource(statement: string): Promise<() => Promise<void>> {
    const session = await connectTo(this.profile);
    await session.query(statement);
    const end = async () => {
      this.#held.delete(end);
      await session.end().catch(() => undefined);
    };
    this.#held.add(end);
    return end;
  }

  /** An empty lake and warehouse, for a run as if it were the first. Nothing may be running. */
  empty(): void {
    this.emptyWarehouse();
    rmSync(this.lakeFolder, { recursive: true, force: true });
  }

  /** As it was in the beginning: the source's rows, an empty lake, warehouse and ledger. */
  async forget(): Promise<void> {
    for (const end of this.#held) await end();
    await this.#endRuns();
    this.empty();
    await seedShop(this.source);
    await this.inLedger(`TRUNCATE ${LEDGER_TABLES}`);
  }

  /** One statement in the ledger's own database. */
  async inLedger(statement: string): Promise<pg.QueryResult<Record<string, unknown>>> {
    const { host, port, user, password, database } = this.profile.ledger;
    const ledger = new pg.Client({ host, port, user, password, database });
    await ledger.connect();
    try {
      return await ledger.query<Record<string, unknown>>(statement);
    } finally {
      await ledger.end();
    }
  }

  emptyWarehouse(): void {
    for (const name of readdirSync(this.home))
      if (name.startsWith('warehouse.duckdb')) rmSync(join(this.home, name), { recursive: true });
  }

  /** What a failed test has left running. */
  async #endRuns(): Promise<void> {
    const { workflow } = this.session.temporal;
    for await (const { workflowId } of workflow.list({ query: `ExecutionStatus = 'Running'` }))
      await workflow
        .getHandle(workflowId)
        .terminate()
        .catch(() => undefined);
  }

  async close(): Promise<void> {
    for (const end of this.#held) await end();
    await Promise.all(this.#workers.map((worker) => worker.stop()));
    await this.session.ledger.close();
    await this.session.connection.close();
    await this.source.end().catch(() => undefined);
    await this.#parts.temporal?.stop();
    await this.#parts.postgres?.stop();
    rmSync(this.home, { recursive: true, force: true });
  }
}

/** `2024-03-02` as the interval of a run. */
export function day(start: string, end?: string): string {
  const next = new Date(`${start}T00:00:00Z`);
  next.setUTCDate(next.getUTCDate() + 1);
  return intervalText({
    start: `${start}T00:00:00Z`,
    end: `${end ?? next.toISOString().slice(0, 10)}T00:00:00Z`,
  });
}

interface Parts {
  readonly startPostgres: () => ReturnType<EmbeddedServer['start']>;
  readonly startTemporal: () => ReturnType<typeof startTemporal>;
  postgres: Awaited<ReturnType<EmbeddedServer['start']>> | undefined;
  temporal: Awaited<ReturnType<typeof startTemporal>> | undefined;
}

async function retried<T>(work: () => Promise<T>, attempts = 3): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (attempts === 1) throw error;
    return retried(work, attempts - 1);
  }
}

async function labProfile(
  home: string,
  ports: { postgres: number; temporal: number; ui: number },
): Promise<Profile> {
  const environment = embeddedEnvironment(home, {
    postgresPort: ports.postgres,
    temporalPort: ports.temporal,
    uiPort: ports.ui,
    metricsPort: 0,
    healthPort: 0,
    variables: {},
  });
  const profile = await readProfile('embedded', [new EnvironmentSecrets({ ...process.env, ...environment })]);
  const source = profile.connections['olist'];
  if (!source) throw new Error('The embedded profile has no connection olist');
  return {
    ...profile,
    worker: { ...profile.worker, metrics: '' },
    connections: { shop: source },
    transform: { ...profile.transform, project: join(home, 'project') },
  };
}

async function connectTo(profile: Profile): Promise<pg.Client> {
  const { shop } = profile.connections;
  if (shop?.type !== 'postgres') throw new Error('The lab has no source');
  const { host, port, user, password, database } = shop;
  const client = new pg.Client({ host, port, user, password, database, application_name: 'test' });
  client.on('error', () => undefined); // a restart of the server ends it
  await client.connect();
  return client;
}
