import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Client } from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import type { ResolvedTable } from '../core/pipeline.ts';
import { connect } from '../connectors/source/postgres/session.ts';
import { median } from './figures.ts';
import { peakRss, timed } from './usage.ts';
import type { Source } from '../connectors/source/port.ts';
import { PostgresSource, type PostgresSourceOptions } from '../connectors/source/postgres/source.ts';

export interface ExtractionBenchOptions {
  /** A database that the benchmark may fill: tables `bench_orders` and `bench_orders_doubled`. */
  readonly source: PostgresSourceOptions;
  /** Rows of the table (default 5 million). */
  readonly rows?: number;
  /** Turns of each variant; the median counts (default 3). */
  readonly turns?: number;
}

export interface ExtractionFigures {
  readonly what: string;
  readonly rows: number;
  readonly seconds: number;
  readonly rowsPerSecond: number;
  /** Of the seconds that one stream of binary COPY, thrown away, took in the same turn: greater is faster. */
  readonly shareOfCopy: number | null;
  /** Processor time of our side; other work on the machine disturbs it less than the seconds. */
  readonly cpuSeconds: number | null;
  readonly peakRssMb: number | null;
  readonly parquetMb: number | null;
  /** What the first extraction of a process takes more than the next. */
  readonly startSeconds: number | null;
}

const DAY = { start: '2018-01-15T00:00:00Z', end: '2018-01-16T00:00:00Z' };

const VARIANTS = {
  whole: { what: 'whole table, ordinary types', table: 'bench_orders', types: {}, day: false },
  projected: {
    what: 'whole table, four columns projected by the server',
    table: 'bench_orders',
    types: { price: 'string', weight: 'string', created_at: 'string', ref: 'string' },
    day: false,
  },
  day: { what: 'a day behind an index', table: 'bench_orders', types: {}, day: true },
  doubled: { what: 'doubled table, ordinary types', table: 'bench_orders_doubled', types: {}, day: false },
} as const;
type Variant = keyof typeof VARIANTS;

/**
 * Extraction against one stream of `COPY … TO STDOUT (FORMAT binary)` thrown away, interleaved in the same run. Each
 * extraction runs in a process of its own, whose peak memory is read from Linux' `VmHWM`; elsewhere it is null. As COPY has
 * its session already, a source has extracted a day before it is measured, as in a worker; what the first one takes more is told apart.
 */
export async function benchExtraction(options: ExtractionBenchOptions): Promise<ExtractionFigures[]> {
  const { source, rows = 5_000_000, turns = 3 } = options;
  const client = await connect(source);
  try {
    for (const [table, count] of [
      ['bench_orders', rows],
      ['bench_orders_doubled', 2 * rows],
    ] as const) {
      await client.query(`DROP TABLE IF EXISTS ${table}`);
      await client.query(`CREATE TABLE ${table} AS ${rowsSql(count)}`);
      await client.query(`CREATE INDEX ON ${table} (created_at)`);
      await client.query(`VACUUM ANALYZE ${table}`);
    }
    await copyAway(client, 'bench_orders'); // Warms the server's cache.
    const copies: Run[] = [];
    const runs: Record<Variant, Run[]> = { whole: [], projected: [], day: [], doubled: [] };
    for (let turn = 0; turn < turns; turn++) {
      for (const variant of ['whole', 'projected', 'day'] as const) {
        const copy = await copyAway(client, 'bench_orders');
        copies.push({ rows, seconds: copy, share: 1 });
        const run = await inChild(variant, source);
        const after = await copyAway(client, 'bench_orders');
        runs[variant].push({ ...run, share: (copy + after) / 2 / run.seconds });
      }
    }
    runs.doubled.push(await inChild('doubled', source));
    return [
      figures('COPY (FORMAT binary), one stream, thrown away', copies),
      ...(Object.keys(VARIANTS) as Variant[]).map((variant) =>
        figures(VARIANTS[variant].what, runs[variant]),
      ),
    ];
  } finally {
    await client.query('DROP TABLE IF EXISTS bench_orders, bench_orders_doubled').catch(() => undefined);
    await client.end();
  }
}

interface Run {
  readonly rows: number;
  readonly seconds: number;
  readonly share?: number;
  readonly cpuSeconds?: number;
  readonly peakRssMb?: number | null;
  readonly parquetMb?: number;
  readonly startSeconds?: number;
}

function figures(what: string, runs: readonly Run[]): ExtractionFigures {
  const seconds = median(runs.map((run) => run.seconds));
  const rows = runs[0]?.rows ?? 0;
  const shares = runs.flatMap((run) => run.share ?? []);
  const cpu = runs.flatMap((run) => run.cpuSeconds ?? []);
  const starts = runs.flatMap((run) => run.startSeconds ?? []);
  const peaks = runs.flatMap((run) => run.peakRssMb ?? []);
  return {
    what,
    rows,
    seconds,
    rowsPerSecond: Math.round(rows / seconds),
    shareOfCopy: shares.length && what !== VARIANTS.day.what ? median(shares) : null,
    cpuSeconds: cpu.length ? median(cpu) : null,
    peakRssMb: peaks.length ? Math.max(...peaks) : null,
    parquetMb: runs[0]?.parquetMb ?? null,
    startSeconds: starts.length ? median(starts) : null,
  };
}

async function copyAway(client: Client, table: string): Promise<number> {
  const began = performance.now();
  const stream = client.query(copyTo(`COPY ${table} TO STDOUT (FORMAT binary)`));
  await new Promise<void>((resolve, reject) => {
    stream
      .on('data', () => undefined)
      .on('end', resolve)
      .on('error', reject);
  });
  return (performance.now() - began) / 1000;
}

/** 18 columns of the types that operational tables have. */
function rowsSql(rows: number): string {
  return `SELECT g::bigint AS id, (g % 100000)::int AS customer_id, (g % 7)::smallint AS kind, g % 3 = 0 AS paid,
    (g % 100000 / 100.0)::numeric(12,2) AS price, (g % 977 / 7.0)::numeric(10,4) AS weight, g * 1.5::float8 AS score,
    (g % 1000)::real AS ratio, 'S' || g % 27 AS state, 'city of ' || g % 5000 AS city, md5(g::text) AS hash,
    CASE WHEN g % 5 = 0 THEN NULL ELSE 'note number ' || g END AS note,
    timestamp '2018-01-01' + g * interval '6 seconds' AS created_at,
    timestamptz '2018-01-01 00:00+00' + g * interval '6 seconds' AS updated_at, date '2018-01-01' + g % 700 AS day,
    ('00000000-0000-4000-8000-' || lpad(to_hex(g), 12, '0'))::uuid AS ref, g % 50 AS quantity, 'status-' || g % 8 AS status
    FROM generate_series(1, ${rows}) AS g`;
}

function inChild(variant: Variant, source: PostgresSourceOptions): Promise<Run> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...process.execArgv, fileURLToPath(import.meta.url), variant], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    child.stdin.end(JSON.stringify(source)); // Not in the arguments, where everyone sees them.
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.on('error', reject).on('close', (code) => {
      if (code === 0) resolve(JSON.parse(output) as Run);
      else reject(new Error(`The extraction '${VARIANTS[variant].what}' ended with code ${code ?? 'none'}.`));
    });
  });
}

async function runVariant(variant: Variant, options: PostgresSourceOptions): Promise<Run> {
  const source = new PostgresSource(options);
  const directory = mkdtempSync(join(tmpdir(), 'sluice-bench-'));
  try {
    const first = await timed(() => extractVariant(source, 'day', join(directory, 'first')));
    const again = await timed(() => extractVariant(source, 'day', join(directory, 'again')));
    const cpu = process.cpuUsage();
    const run = await timed(() => extractVariant(source, variant, join(directory, 'measured')));
    const { user, system } = process.cpuUsage(cpu);
    return {
      ...run,
      startSeconds: first.seconds - again.seconds,
      cpuSeconds: (user + system) / 1e6,
      peakRssMb: peakRss(),
    };
  } finally {
    await source.close();
    rmSync(directory, { recursive: true });
  }
}

async function extractVariant(source: Source, variant: Variant, directory: string) {
  const { table: name, types, day } = VARIANTS[variant];
  const table: ResolvedTable = {
    name,
    domain: 'bench',
    from: name,
    extract: day ? { mode: 'interval', cursor: 'created_at', cursorNulls: 'fail' } : { mode: 'snapshot' },
    write: 'append',
    primaryKey: [],
    exclude: [],
    types,
    onSchemaChange: 'reject',
    minRows: 0,
  };
  mkdirSync(directory);
  const request = { table, interval: DAY, directory };
  const { rows, files } = await source.extract(request, new AbortController().signal);
  const bytes = files.reduce((sum, { path }) => sum + statSync(join(directory, path)).size, 0);
  return { rows, parquetMb: Math.round(bytes / 1e6) };
}

// The child process of a turn: the variant as argument, the connection on standard input.
if (process.argv[1] === fileURLToPath(import.meta.url) && process.argv[2] !== undefined) {
  const options = JSON.parse(readFileSync(0, 'utf8')) as PostgresSourceOptions;
  process.stdout.write(JSON.stringify(await runVariant(process.argv[2] as Variant, options)));
}
