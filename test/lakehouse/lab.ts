import { join } from 'node:path';
import pg from 'pg';
import type { Connectors } from '../../activities/connectors.ts';
import { ROOT } from '../../cli/embedded/home.ts';
import { LocalSpark } from '../../connectors/jobs/spark-local/spark.ts';
import type { Datasets } from '../../connectors/lake/port.ts';
import { ProjectTasks } from '../../connectors/tasks/project.ts';
import { readDashboards, withDashboards } from '../../core/dashboards/registry.ts';
import { resolveAll } from '../../core/registry.ts';
import type { RunSummary } from '../../core/run.ts';
import * as ofOlist from '../../dashboards/olist-lakehouse.ts';
import * as ofRetail from '../../dashboards/retail-sales.ts';
import { startRun } from '../../operations/start-run.ts';
import { olistLakehouse } from '../../pipelines/olist-lakehouse.ts';
import { retailSales } from '../../pipelines/retail-sales.ts';
import { day, Lab } from '../faults/lab.ts';
import { testMysql, type TestMysql } from '../setup/mysql.ts';
import { openConnectors, startOwnWorker, type OwnWorker } from '../faults/own-worker.ts';

type Row = Readonly<Record<string, unknown>>;
const SOURCE = 'olist_lakehouse';
const dashboards = readDashboards([
  { file: 'dashboards/olist-lakehouse.ts', exports: Object.values(ofOlist) },
  { file: 'dashboards/retail-sales.ts', exports: Object.values(ofRetail) },
]);
const registry = withDashboards(resolveAll([olistLakehouse, retailSales]), dashboards);

/** What happens between the end of the job and the publication, once; it may throw. */
type Meanwhile = () => Promise<void>;

/** The pipelines `olist_lakehouse` and `retail_sales` with their own PostgreSQL, Temporal and worker, real Spark, DuckDB and dbt. */
export class Lakehouse {
  readonly lab: Lab;
  readonly connectors: Connectors;
  readonly retail: TestMysql;
  readonly #source: pg.Client;
  readonly #worker: OwnWorker;
  readonly #between: { meanwhile?: Meanwhile | undefined; jobs: number };

  private constructor(
    lab: Lab,
    connectors: Connectors,
    retail: TestMysql,
    source: pg.Client,
    worker: OwnWorker,
    between: { meanwhile?: Meanwhile | undefined; jobs: number },
  ) {
    this.lab = lab;
    this.connectors = connectors;
    this.retail = retail;
    this.#source = source;
    this.#worker = worker;
    this.#between = between;
  }

  static async open(python: string): Promise<Lakehouse> {
    const retail = await testMysql('retail');
    const lab = await Lab.open((profile) => {
      const { shop } = profile.connections;
      if (shop?.type !== 'postgres') throw new Error('The lab has no source');
      return {
        ...profile,
        connections: {
          ...profile.connections,
          [SOURCE]: { ...shop, database: SOURCE },
          retail: { type: 'mysql', ...retail.address },
        },
        transform: { ...profile.transform, project: join(ROOT, 'dbt') },
      };
    });
    await lab.source.query(`CREATE DATABASE ${SOURCE}`);
    const settings = lab.profile.connections[SOURCE];
    if (settings?.type !== 'postgres') throw new Error('The lab has no source');
    const { host, port, user, password, database } = settings;
    const source = new pg.Client({ host, port, user, password, database });
    await source.connect();
    const opened = await openConnectors(lab.profile, lab.session.ledger);
    const between: { meanwhile?: Meanwhile | undefined; jobs: number } = { jobs: 0 };
    const local = new LocalSpark({
      python,
      folder: join(ROOT, 'spark', 'jobs'),
      memory: '1g',
      // So short a job ends before the better compiler has paid off.
      conf: {
        'spark.driver.extraJavaOptions': '-Duser.timezone=UTC -XX:+UseSerialGC -XX:TieredStopAtLevel=1',
      },
      outputLimit: 65_536,
    });
    const counted = {
      run: (...args: Parameters<LocalSpark['run']>) => {
        between.jobs += 1;
        return local.run(...args);
      },
      release: () => local.release(),
    };
    const connectors = {
      ...opened,
      registry,
      dashboards,
      lake: interrupted(opened.lake, between),
      tasks: new ProjectTasks({ folder: join(ROOT, 'tasks'), spark: counted }),
    };
    return new Lakehouse(
      lab,
      connectors,
      retail,
      source,
      await startOwnWorker(lab.profile, connectors),
      between,
    );
  }

  /** Of the source, for who fills it. */
  get client(): pg.Client {
    return this.#source;
  }

  /** Spark sessions so far. */
  get jobs(): number {
    return this.#between.jobs;
  }

  set meanwhile(meanwhile: Meanwhile) {
    this.#between.meanwhile = meanwhile;
  }

  async run(date: string, pipeline = SOURCE): Promise<RunSummary> {
    const handle = await startRun(this.lab.session, registry, { pipeline, interval: day(date) });
    return (await handle.result()) as RunSummary;
  }

  /** In the source. */
  async source(sql: string): Promise<readonly Row[]> {
    return (await this.#source.query<Row>(sql)).rows;
  }

  /** In the warehouse, as `sluice sql` asks it. */
  async query(sql: string): Promise<readonly Row[]> {
    return (await this.result(sql)).rows;
  }

  /** The same, with the types of its columns. */
  result(sql: string): ReturnType<Connectors['warehouse']['query']> {
    return this.connectors.warehouse.query(sql, { limit: 1_000_000 });
  }

  async close(): Promise<void> {
    await this.#worker.stop();
    await (await this.connectors.source(SOURCE)).close();
    await (await this.connectors.source('retail')).close();
    await this.connectors.warehouse.close();
    await this.#source.end();
    await this.retail.close();
    await this.lab.close();
  }
}

/** A lake whose attempts at datasets can be stopped before they are published; what they have written stays, as after a kill. */
function interrupted(
  lake: Connectors['lake'],
  between: { meanwhile?: Meanwhile | undefined },
): Connectors['lake'] {
  const real = lake.datasets;
  const datasets: Datasets = {
    current: (...args) => real.current(...args),
    folderUri: (...args) => real.folderUri(...args),
    fileUris: (...args) => real.fileUris(...args),
    open: async (...args) => {
      const opened = await real.open(...args);
      const { meanwhile } = between;
      if (!meanwhile) return opened;
      return {
        uris: opened.uris,
        publish: async () => {
          between.meanwhile = undefined;
          await meanwhile();
          throw new Error('must have thrown');
        },
        abort: () => Promise.resolve(),
      };
    },
  };
  return new Proxy(lake, {
    get: (target, name) => {
      if (name === 'datasets') return datasets;
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}
