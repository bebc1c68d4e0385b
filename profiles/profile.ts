import { z } from 'zod';
import { poolOfConnection } from '../core/pools.ts';
import { isZone } from '../core/zone.ts';
import { isDuration, milliseconds, type DurationText } from '../core/duration.ts';

const port = z.coerce.number().int().min(1).max(65_535);
const text = z.string().min(1);
const address = z.string().regex(/^([^:\s]+:\d+)?$/, 'must be host:port');

const size = z.coerce.number().int().min(1);

const ssl = z
  .strictObject({
    mode: z.enum(['require', 'verify-ca', 'verify-full']),
    /** A PEM file with the authorities that sign the server's certificate. */
    rootCertificate: z.exactOptional(text),
  })
  .optional();

/** What every database that tables are read from has. */
const source = {
  host: text,
  database: text,
  user: text,
  password: text,
  ssl,
  /** The zone of times without zone and of dates, where a table names none; UTC when absent. */
  timezone: z.exactOptional(text.refine(isZone, 'must be an IANA zone such as Europe/Rome')),
  /** Tables of it that all runs together read at the same time; absent: as many as they will. */
  maxConcurrent: z.exactOptional(size),
};

/** MySQL or MariaDB. */
const mysql = z.strictObject({ type: z.literal('mysql'), ...source, port: port.default(3306) });

const postgres = z.strictObject({
  type: z.literal('postgres'),
  ...source,
  port: port.default(5432),
  schema: text.default('public'),
  /** Reads all tables of a run at once, elsewhere; absent: the worker reads them one by one. */
  extractor: z
    .strictObject({
      type: z.literal('glue'),
      job: text,
      secretArn: text,
      concurrency: z.exactOptional(z.coerce.number().int().min(1)),
    })
    .optional(),
});

const duration = z.custom<DurationText>(
  (value) => typeof value === 'string' && isDuration(value),
  "must be a duration like '1 day'",
);
/** When loads that nobody needs any more are removed, and how old they must be; `off`: only by `sluice lake gc`. */
const gc = z
  .union([
    z.literal('off'),
    z.strictObject({
      every: duration.default('1 day'),
      olderThan: duration
        .refine(
          (value) => milliseconds(value) >= milliseconds('1 day'),
          "must be '1 day' or more: a load that has only just been made may still be wanted",
        )
        .default('7 days'),
    }),
  ])
  .prefault({});

const s3 = z.strictObject({
  type: z.literal('s3'),
  bucket: text,
  prefix: z.string().default(''),
  /** `http://host/bucket/key`: for S3 servers without a name per bucket. */
  pathStyle: z.stringbool().or(z.boolean()).default(false),
  gc,
});

const redshift = z
  .strictObject({
    type: z.literal('redshift'),
    database: text,
    /** A serverless workgroup … */
    workgroup: z.exactOptional(text),
    /** … or a provisioned cluster, and the database user that the worker's role becomes there; absent: the role's own. */
    cluster: z.exactOptional(text),
    dbUser: z.exactOptional(text),
    /** Of the secret that the Data API signs in with; absent: the worker's own role. */
    secretArn: z.exactOptional(text),
    /** ARN of the role that COPY reads the lake as. */
    copyRole: text,
    /** How dbt signs in. */
    login: z.strictObject({
      host: text,
      port: port.default(5439),
      user: text,
      password: text,
      sslmode: z.exactOptional(text),
    }),
  })
  .superRefine(({ workgroup, cluster, dbUser, secretArn }, context) => {
    if ((workgroup === undefined) === (cluster === undefined))
      context.addIssue(`name either 'workgroup' (serverless) or 'cluster' (provisioned)`);
    if (dbUser !== undefined && cluster === undefined)
      context.addIssue(`'dbUser' goes with 'cluster'; a workgroup takes the worker's role, or 'secretArn'`);
    if (dbUser !== undefined && secretArn !== undefined)
      context.addIssue(`name either 'dbUser' or 'secretArn': both say who signs in`);
  });

/** A list, or its names with commas between. */
const names = z
  .union([z.array(text), text.transform((all) => all.split(',').map((each) => each.trim()))])
  .refine((all) => all.length > 0 && all.every(Boolean), 'must name one at least');

/** What runs containers. */
const container = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('docker'),
    /** As in `DOCKER_HOST`; absent: the socket of this machine. */
    host: z.exactOptional(text),
    /** That containers join, to reach what is in it; absent: the engine's own. */
    network: z.exactOptional(text),
    /** Who may pull images, by the host they come from: `{ ghcr.io: { username, password } }`. */
    registries: z.record(z.string(), z.strictObject({ username: text, password: text })).default({}),
  }),
  /** Tasks of Fargate; the lake must be in S3. */
  z.strictObject({
    type: z.literal('ecs'),
    cluster: text,
    region: text,
    subnets: names,
    securityGroups: names,
    /** ARN of the role that pulls images and writes logs. */
    executionRole: text,
    /** ARN of the role that containers act as; it reads and writes `tasks/` of the lake. */
    taskRole: text,
    logGroup: text,
    /** The engine's image: it carries input and output. */
    carrier: text,
    /** Begins the names of task definitions. */
    family: z
      .string()
      .regex(/^[\w-]{1,200}$/, 'must be letters, digits, - and _')
      .default('sluice'),
    /** An address of its own for each, without which they reach nothing in a public subnet. */
    publicIp: z.stringbool().or(z.boolean()).default(false),
  }),
]);

/** What runs Spark jobs of tasks. */
const spark = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('local'),
    /** The Python environment that has pyspark. */
    python: text,
    /** Takes jars beside Spark's own: of databases, Delta, S3. */
    jars: z.exactOptional(text),
    /** Of Java; absent: as JAVA_HOME or PATH say. */
    java: z.exactOptional(text),
    memory: z
      .string()
      .regex(/^\d+[mg]$/, "must be an amount of memory as Spark has it, like '2g'")
      .default('2g'),
    /** Settings of Spark. */
    conf: z.record(z.string(), z.string()).default({}),
  }),
  /** Jobs that are deployed on AWS Glue, called `<prefix><name>`; the lake must be in S3. */
  z.strictObject({ type: z.literal('glue'), prefix: z.string().default('') }),
]);

/** What a profile file holds, once `${…}` references are replaced by their values. */
export const profileSchema = z.strictObject({
  temporal: z.strictObject({
    address: text,
    namespace: text.default('default'),
    taskQueue: text.default('sluice'),
    /** Where people find the Web UI. */
    ui: z.url().optional(),
  }),
  ledger: postgres.omit({
    type: true,
    schema: true,
    timezone: true,
    extractor: true,
    maxConcurrent: true,
  }),
  /** By name; none where no pipeline reads tables. */
  connections: z.record(z.string(), z.discriminatedUnion('type', [postgres, mysql])).default({}),
  lake: z.discriminatedUnion('type', [z.strictObject({ type: z.literal('folder'), path: text, gc }), s3]),
  warehouse: z.discriminatedUnion('type', [
    z.strictObject({ type: z.literal('duckdb'), file: text }),
    redshift,
  ]),
  transform: z.strictObject({
    type: z.literal('dbt'),
    target: z.enum(['duckdb', 'redshift']),
    /** The folder of the dbt project. */
    project: text,
    /** The Python environment that has dbt and DuckDB's extensions. */
    python: text,
    /** What dbt keeps between runs: its parse results and logs. */
    state: text,
    /** Models that dbt builds at the same time; absent: as dbt/profiles.yml says for the target. */
    threads: z.coerce.number().int().min(1).optional(),
  }),
  /** What a task may see beside its input, by the task's name: `{ score: { env: { TOKEN: '${file:/run/secrets/token}' } } }`. */
  tasks: z.record(z.string(), z.strictObject({ env: z.record(z.string(), text) })).default({}),
  /** What runs jobs that are no process of the worker. */
  jobs: z
    .strictObject({
      /** Tasks that are containers; absent: there may be none. */
      container: container.optional(),
      /** Tasks that are Spark jobs; absent: there may be none. */
      spark: spark.optional(),
    })
    .prefault({}),
  /** Places of pools that tasks name, over all runs: `{ gpu: 2 }`. */
  pools: z.record(z.string().regex(/^[a-z][a-z0-9_]*$/, 'must be snake_case'), size).default({}),
  /** Who hears of failed runs and stale pipelines; absent: nobody. */
  notify: z
    .discriminatedUnion('type', [
      z.strictObject({ type: z.literal('sns'), topicArn: text }),
      z.strictObject({ type: z.literal('webhook'), url: z.url() }),
    ])
    .optional(),
  /** Where numbers about runs go beside the worker's Prometheus endpoint; absent: nowhere. */
  metrics: z
    .discriminatedUnion('type', [
      /** `environment` is the value of the dimension `Environment`. */
      z.strictObject({ type: z.literal('cloudwatch'), environment: text }),
    ])
    .optional(),
  /** Where dashboards are published; absent: in `pages` beside a lake that is a folder, else nowhere. */
  dashboards: z.exactOptional(
    z.discriminatedUnion('type', [
      z.strictObject({ type: z.literal('folder'), path: text }),
      z.strictObject({
        type: z.literal('s3'),
        bucket: text,
        prefix: z
          .string()
          .regex(/^([^/].*\/)?$/, 'must end with a slash, or be empty')
          .default('pages/'),
        pathStyle: z.stringbool().or(z.boolean()).default(false),
      }),
    ]),
  ),
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
      maxActivities: z.coerce.number().int().min(1).default(16),
    })
    .prefault({}),
});

export type Profile = z.infer<typeof profileSchema>;
export type ConnectionSettings = Profile['connections'][string];
export type PostgresConnection = Extract<ConnectionSettings, { type: 'postgres' }>;

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
