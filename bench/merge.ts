import { execFile } from 'node:child_process';
import { copyFile, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { aLoad, columns, day } from '../connectors/warehouse/conformance/fixtures.ts';

export interface MergeBenchOptions {
  /** Rows of the target (default 5,000,000). */
  readonly rows?: number;
  /** Rows of the load; half of them are updates, spread evenly over the target (default 500,000). */
  readonly incoming?: number;
  /** Interleaved rounds; the median counts (default 3). */
  readonly rounds?: number;
  /** As DuckDB reads it (default `512MB`). */
  readonly memoryLimit?: string;
}

export const WAYS = ['sluice', 'merge-into', 'staged'] as const;
export type MergeWay = (typeof WAYS)[number];

export interface MergeBenchResult {
  /** The first load of the target, by Sluice. */
  readonly firstLoad: Measured;
  /** `sluice`: the whole `load` call, bookkeeping and checks included. The others: their statements alone, without any check. */
  readonly ways: Readonly<Record<MergeWay, Measured>>;
}

export interface Measured {
  /** From the call to the closed file. */
  readonly seconds: number;
  /** Peak of the child process. */
  readonly rssMb: number;
  /** Of the file afterwards. */
  readonly fileMb: number;
}

const COLUMNS = columns({
  id: 'int64',
  at: 'timestamp',
  customer: 'string',
  email: 'string',
  amount: 'decimal(18,2)',
  tax: 'decimal(18,2)',
  quantity: 'int32',
  rate: 'float64',
  paid: 'boolean',
  note: 'string',
});

/** The columns for the ids of `ids`, with values that compress as little as real ones. */
function rowsOf(ids: string, version: number): string {
  return `SELECT id, TIMESTAMP '2018-01-01' + to_seconds(id) AS at, md5((id // 3)::VARCHAR) AS customer,
    md5(id::VARCHAR) || '@example.com' AS email, ((hash(id + ${version}) % 10000000) / 100)::DECIMAL(18,2) AS amount,
    ((hash(id * 7) % 100000) / 100)::DECIMAL(18,2) AS tax, (hash(id) % 100)::INTEGER AS quantity,
    (hash(id * 3) % 1000000) / 7.0::DOUBLE AS rate, id % 2 = 0 AS paid,
    'version ${version} of ' || (hash(id) % 5000)::VARCHAR AS note FROM (${ids})`;
}

/** Merges a load into a large table, each way in a child process on a copy of the same file. */
export async function benchMerge(options: MergeBenchOptions = {}): Promise<MergeBenchResult> {
  const { rows = 5_000_000, incoming = 500_000, rounds = 3, memoryLimit = '512MB' } = options;
  const folder = await mkdtemp(join(tmpdir(), 'bench-merge-'));
  try {
    const base = await aLoad(folder, {
      loadId: 'l1',
      columns: COLUMNS,
      sql: { query: rowsOf(`SELECT range AS id FROM range(${rows})`, 1), rows },
    });
    const half = incoming / 2;
    const ids = `SELECT range * ${Math.floor(rows / half)} AS id FROM range(${half}) UNION ALL SELECT range + ${rows} FROM range(${half})`;
    const next = await aLoad(folder, {
      loadId: 'l2',
      interval: day(2),
      columns: COLUMNS,
      sql: { query: rowsOf(ids, 2), rows: incoming },
    });
    const file = join(folder, 'base.duckdb');
    const firstLoad = await measure({ way: 'sluice', file, request: base, memoryLimit });
    const measured: Record<MergeWay, Measured[]> = { sluice: [], 'merge-into': [], staged: [] };
    for (let round = 0; round < rounds; round++) {
      for (const way of WAYS) {
        const copy = join(folder, 'copy.duckdb');
        await copyFile(file, copy);
        measured[way].push(await measure({ way, file: copy, request: next, memoryLimit }));
        await rm(copy);
      }
    }
    return {
      firstLoad,
      ways: {
        sluice: median(measured.sluice),
        'merge-into': median(measured['merge-into']),
        staged: median(measured.staged),
      },
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function measure(job: { way: MergeWay; file: string; [field: string]: unknown }): Promise<Measured> {
  const script = join(import.meta.dirname, 'merge-child.ts');
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--import',
    'tsx',
    script,
    JSON.stringify(job),
  ]);
  const { seconds, rssMb } = JSON.parse(stdout) as Omit<Measured, 'fileMb'>;
  return { seconds, rssMb, fileMb: Math.round((await stat(job.file)).size / 1e6) };
}

function median(all: readonly Measured[]): Measured {
  const sorted = [...all].sort((a, b) => a.seconds - b.seconds);
  const middle = sorted[Math.floor(sorted.length / 2)];
  if (!middle) throw new Error('A bench needs at least one round.');
  return { ...middle, rssMb: Math.max(...all.map(({ rssMb }) => rssMb)) };
}
