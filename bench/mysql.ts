import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import getPort from 'get-port';
import mysql from 'mysql2/promise';
import { startMariaDb } from '../cli/embedded/mariadb.ts';
import { MysqlSource, type MysqlSourceOptions } from '../connectors/source/mysql/source.ts';
import { findExtension } from '../connectors/duckdb/extension.ts';
import { median } from './figures.ts';
import { peakRss, timed } from './usage.ts';

export interface MysqlBenchOptions {
  /** Rows of the table (default 5 million). */
  readonly rows?: number;
  /** Turns; the median counts (default 3). */
  readonly turns?: number;
}

export interface MysqlFigures {
  readonly what: string;
  readonly seconds: number;
  /** Of the seconds of the client of MariaDB that throws its rows away, in the same turn. */
  readonly ofClient: number;
  readonly cpuSeconds: number | null;
  readonly peakRssMb: number | null;
  readonly parquetMb: number | null;
}

const PASSWORD = 'bench';
const NOTHING = { cpuSeconds: null, peakRssMb: null, parquetMb: null };
const TOOLS = join(import.meta.dirname, '..', '.tools');
/** As the server: what is not on PATH is here. */
const OWN_CLIENT = join(TOOLS, 'mariadb/bin/mariadb');
/** Others that read into Parquet, once each: a Python that has `connectorx`, `dlt`, `sqlalchemy` and `pymysql`, where one is named. */
const PEERS = [
  { who: 'connectorx', what: 'connectorx, to Parquet', python: process.env['SLUICE_BENCH_PYTHON'] },
  { who: 'dlt', what: 'dlt (pyarrow), to Parquet', python: process.env['SLUICE_BENCH_PYTHON'] },
  { who: 'spark', what: 'Spark by JDBC (local[2]), to Parquet', python: join(TOOLS, 'spark/bin/python') },
];

/** Extraction of a table of MariaDB against its own client, `mariadb --quick`, whose rows are thrown away; in turns. */
export async function benchMysql({
  rows = 5_000_000,
  turns = 3,
}: MysqlBenchOptions): Promise<MysqlFigures[]> {
  const home = mkdtempSync(join(tmpdir(), 'sluice-bench-mysql-'));
  const port = await getPort();
  const server = await startMariaDb({
    home,
    port,
    password: PASSWORD,
    databases: ['bench'],
    settings: { 'innodb-buffer-pool-size': '2G', 'innodb-flush-log-at-trx-commit': '0' },
  });
  const address = { host: '127.0.0.1', port, database: 'bench', user: 'sluice', password: PASSWORD };
  try {
    const session = await mysql.createConnection(address);
    await session.query(TABLE);
    await session.query(rowsSql(rows));
    await session.query('ANALYZE TABLE orders');
    await session.end();
    await throwAway(address); // Warms the server's cache.
    const clients: number[] = [];
    const runs: Run[] = [];
    for (let turn = 0; turn < turns; turn += 1) {
      const before = await throwAway(address);
      const run = await inChild(address);
      const after = await throwAway(address);
      clients.push(before, after);
      runs.push({ ...run, ofClient: run.seconds / ((before + after) / 2) });
    }
    const of = (name: keyof Run) => median(runs.map((run) => run[name]));
    const client = median(clients);
    const peers: MysqlFigures[] = [];
    for (const { who, what, python } of PEERS) {
      if (python === undefined || !existsSync(python)) continue;
      const peer = await ofPeer(python, who, address);
      peers.push({ ...NOTHING, what, ...peer, ofClient: peer.seconds / client });
    }
    return [
      { ...NOTHING, what: '`mariadb --quick`, thrown away', seconds: client, ofClient: 1 },
      {
        what: 'the extraction, to Parquet',
        seconds: of('seconds'),
        ofClient: of('ofClient'),
        cpuSeconds: of('cpuSeconds'),
        peakRssMb: Math.max(...runs.map(({ peakRssMb }) => peakRssMb)),
        parquetMb: of('parquetMb'),
      },
      ...peers,
    ];
  } finally {
    await server.stop();
    rmSync(home, { recursive: true });
  }
}

interface Run {
  readonly seconds: number;
  readonly ofClient: number;
  readonly cpuSeconds: number;
  readonly peakRssMb: number;
  readonly parquetMb: number;
}

type Address = Pick<MysqlSourceOptions, 'host' | 'port' | 'database' | 'user' | 'password'>;

async function throwAway({ host, port, database, user, password }: Address): Promise<number> {
  const { seconds } = await timed(async () => {
    const child = spawn(
      existsSync(OWN_CLIENT) ? OWN_CLIENT : 'mariadb',
      [
        '--no-defaults',
        '--quick',
        '--skip-ssl',
        '--batch',
        '--skip-column-names',
        `--host=${host}`,
        `--port=${port}`,
        `--user=${user}`,
        database,
        '--execute=SELECT * FROM orders',
      ],
      {
        stdio: ['ignore', 'ignore', 'inherit'],
        env: {
          ...process.env,
          MYSQL_PWD: password,
          LD_LIBRARY_PATH: join(import.meta.dirname, '../.tools/mariadb/libs'),
        },
      },
    );
    const code = await new Promise((resolve) => child.once('close', resolve));
    if (code !== 0) throw new Error(`The client of MariaDB ended with code ${String(code)}.`);
    return {};
  });
  return seconds;
}

/** The 18 columns of the table that extraction from PostgreSQL is measured with. */
const TABLE = `CREATE TABLE orders (
  id bigint PRIMARY KEY, customer_id int NOT NULL, kind smallint NOT NULL, paid tinyint NOT NULL, price decimal(12,2) NOT NULL,
  weight decimal(10,4) NOT NULL, score double NOT NULL, ratio float NOT NULL, state varchar(10) NOT NULL, city varchar(40) NOT NULL,
  hash char(32) NOT NULL, note varchar(60), created_at datetime(6) NOT NULL, updated_at timestamp(6) NOT NULL, day date NOT NULL,
  ref char(36) NOT NULL, quantity int NOT NULL, status varchar(20) NOT NULL) ENGINE=InnoDB`;

function rowsSql(rows: number): string {
  return `INSERT INTO orders SELECT seq, seq % 100000, seq % 7, seq % 3 = 0, seq % 100000 / 100.0, seq % 977 / 7.0, seq * 1.5, seq % 1000,
    CONCAT('S', seq % 27), CONCAT('city of ', seq % 5000), MD5(seq), IF(seq % 5 = 0, NULL, CONCAT('note number ', seq)),
    '2018-01-01' + INTERVAL seq * 6 SECOND, '2018-01-01' + INTERVAL seq * 6 SECOND, '2018-01-01' + INTERVAL seq % 700 DAY,
    CONCAT('00000000-0000-4000-8000-', LPAD(HEX(seq), 12, '0')), seq % 50, CONCAT('status-', seq % 8)
    FROM seq_1_to_${rows}`;
}

async function ofPeer(
  python: string,
  who: string,
  address: Address,
): Promise<{ readonly seconds: number; readonly peakRssMb: number }> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-'));
  const jars = join(TOOLS, 'jars');
  const jar = readdirSync(jars).find((name) => name.startsWith('mariadb-java-client'));
  try {
    const script = join(import.meta.dirname, 'mysql_peers.py');
    return await answerOf(python, [script, who, folder], { ...address, jar: join(jars, jar ?? '') });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function inChild(address: Address): Promise<Omit<Run, 'ofClient'>> {
  const self = fileURLToPath(import.meta.url);
  return answerOf(process.execPath, [...process.execArgv, self, 'extract'], address);
}

/** @param input for standard input: arguments everyone sees */
function answerOf<T>(program: string, args: readonly string[], input: unknown): Promise<T> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    child.stdin.end(JSON.stringify(input));
    let output = '';
    let errors = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
    child.on('error', reject).on('close', (code) => {
      if (code === 0) resolve(JSON.parse(output.trim().split('\n').at(-1) ?? '') as T);
      else reject(new Error(`'${args.join(' ')}' ended with code ${code ?? 'none'}.\n${errors}`));
    });
  });
}

/** In the child process of a turn. */
async function extract(address: Address): Promise<Omit<Run, 'ofClient'>> {
  const extensionFile = findExtension('mysql_scanner', {
    pythonHome: join(import.meta.dirname, '../.tools/python'),
  });
  const source = new MysqlSource({
    name: 'bench',
    ...address,
    ...(extensionFile !== undefined && { extensionFile }),
    parquetVersion: 'V2',
  });
  const directory = mkdtempSync(join(tmpdir(), 'sluice-bench-'));
  const table = {
    ...{
      name: 'orders',
      domain: 'bench',
      from: 'orders',
      extract: { mode: 'snapshot' as const },
      write: 'append' as const,
    },
    ...{ primaryKey: [], exclude: [], types: {}, onSchemaChange: 'reject' as const, minRows: 0 },
  };
  try {
    const interval = { start: '2018-01-15T00:00:00Z', end: '2018-01-16T00:00:00Z' };
    const cpu = process.cpuUsage();
    mkdirSync(join(directory, 'files'));
    const { files, seconds } = await timed(() =>
      source.extract({ table, interval, directory: join(directory, 'files') }, new AbortController().signal),
    );
    const { user, system } = process.cpuUsage(cpu);
    const bytes = files.reduce((sum, { path }) => sum + statSync(join(directory, 'files', path)).size, 0);
    return {
      seconds,
      cpuSeconds: (user + system) / 1e6,
      peakRssMb: peakRss() ?? NaN,
      parquetMb: Math.round(bytes / 1e6),
    };
  } finally {
    await source.close();
    rmSync(directory, { recursive: true });
  }
}

// The child process of a turn: the connection on standard input.
if (process.argv[1] === fileURLToPath(import.meta.url) && process.argv[2] === 'extract')
  process.stdout.write(JSON.stringify(await extract(JSON.parse(readFileSync(0, 'utf8')) as Address)));
