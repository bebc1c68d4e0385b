import { z } from 'zod';
import { poolOfConnection } from '../core/pools.ts';
import { catalog } from './adapters/catalog.ts';
import { containers } from './adapters/containers.ts';
import { files } from './adapters/files.ts';
import { lake } from './adapters/lake.ts';
import { ledger } from './adapters/ledger.ts';
import { lineage } from './adapters/lineage.ts';
import { metrics } from './adapters/metrics.ts';
import { mysql } from './adapters/mysql.ts';
import { notify } from './adapters/notify.ts';
import { pagesPlace } from './adapters/pages.ts';
import { postgres } from './adapters/postgres.ts';
import { spark } from './adapters/spark.ts';
import { transform } from './adapters/transform.ts';
import { warehouse } from './adapters/warehouse.ts';
import { size, text } from './fields.ts';

const address = z.string().regex(/^([^:\s]+:\d+)?$/, 'must be host:port');

/** What a profile file holds, once `${…}` references are replaced by their values. */
export const profileSchema = z.strictObject({
  temporal: z.strictObject({
    address: text,
    namespace: text.default('default'),
    taskQueue: text.default('sluice'),
    /** Where people find the Web UI. */
    ui: z.url().optional(),
  }),
  ledger,
  /** By name; none where no pipeline reads tables. */
  connections: z.record(z.string(), z.discriminatedUnion('type', [postgres, mysql, files])).default({}),
  lake,
  warehouse,
  /** Where datasets are read as tables; absent: in a warehouse of type duckdb, else nowhere. */
  catalog: z.exactOptional(catalog),
  transform,
  /** What a task may see beside its input, by the task's name: `{ score: { env: { TOKEN: '${file:/run/secrets/token}' } } }`. */
  tasks: z.record(z.string(), z.strictObject({ env: z.record(z.string(), text) })).default({}),
  /** What runs jobs that are no process of the worker. */
  jobs: z
    .strictObject({
      /** Tasks that are containers; absent: there may be none. */
      container: containers.optional(),
      /** Tasks that are Spark jobs; absent: there may be none. */
      spark: spark.optional(),
    })
    .prefault({}),
  /** Places of pools that tasks name, over all runs: `{ gpu: 2 }`. */
  pools: z.record(z.string().regex(/^[a-z][a-z0-9_]*$/, 'must be snake_case'), size).default({}),
  /** Who hears of failed runs and stale pipelines; absent: nobody. */
  notify: notify.optional(),
  /** Where numbers about runs go beside the worker's Prometheus endpoint; absent: nowhere. */
  metrics: metrics.optional(),
  /** Where events of lineage go; absent: nowhere. */
  lineage: z.exactOptional(lineage),
  /** Where dashboards are published; absent: in `pages` beside a lake that is a folder, else nowhere. */
  dashboards: z.exactOptional(pagesPlace),
  /** The status pages. */
  pages: z
    .strictObject({
      /** `host:port` to serve them on; empty: not served. */
      address: address.default(''),
      /** Who has it may look and act; absent: whoever is on this machine may. */
      token: z.string().min(16, 'must have 16 characters or more').optional(),
      /** `loopback`: whatever `address` says, only this machine reaches it; so it is where Docker publishes it on 127.0.0.1. */
      published: z.literal('loopback').optional(),
    })
    .prefault({}),
  worker: z
    .strictObject({
      /** `host:port` that Prometheus scrapes; empty: none. */
      metrics: address.optional(),
      /** `host:port` that answers /healthz; empty: none. */
      health: address.optional(),
      /** The workflows as bundled ahead of time by `npm run bundle`; empty: bundled by the first worker that starts on these sources. */
      workflowBundle: z.string().default(''),
      maxActivities: size.default(16),
    })
    .prefault({}),
});

export { receiversOf } from './adapters/notify.ts';

export interface TaskVariables {
  readonly env: Readonly<Record<string, string>>;
  /** Names of those whose values stand in the file itself: no secrets, unlike all that a reference brings. */
  readonly plain?: readonly string[];
}

export type Profile = Omit<z.infer<typeof profileSchema>, 'tasks'> & {
  readonly tasks: Readonly<Record<string, TaskVariables>>;
};
export type ConnectionSettings = Profile['connections'][string];

/** Places of every pool by name: those that tasks name, and those that connections are. */
export function poolsOf({
  pools,
  connections,
}: Pick<Profile, 'pools' | 'connections'>): Record<string, number> {
  const limited = Object.entries(connections).flatMap(([name, { maxConcurrent }]) =>
    maxConcurrent === undefined ? [] : [[poolOfConnection(name), maxConcurrent] as const],
  );
  return { ...pools, ...Object.fromEntries(limited) };
}

/** Whether the profile names somebody who hears of failed runs and stale pipelines. */
export function hasReports({ notify, metrics }: Profile): boolean {
  return notify !== undefined || metrics !== undefined;
}
