import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Readable } from 'node:stream';
import getPort from 'get-port';
import { z } from 'zod';
import type { Session } from '../cli/session.ts';
import { ROOT } from '../cli/embedded/home.ts';
import { readState } from '../cli/embedded/state.ts';
import { startWorkingWorker } from '../cli/embedded/worker.ts';
import { pastOf, planBackfill } from '../core/backfill.ts';
import { resolvePipeline } from '../core/resolve.ts';
import type { Schedule } from '../core/schedule.ts';
import { median } from './figures.ts';

export interface Usage {
  readonly what: string;
  readonly seconds: number;
  /** Null of what ends by itself only when it is told to. */
  readonly cpuSeconds: number | null;
  /** Null where it is that of the measuring process. */
  readonly peakRssMb: number | null;
}

const ROWS = `select i, i * 2 as a, 'name ' || i as b, i / 3.0 as c, (i % 7)::int as d, timestamp '2020-01-01' + to_minutes(i::int) as e,
  date '2020-01-01' + (i % 1000)::int as f, (i * 1.25)::decimal(12, 2) as g, i % 2 = 0 as h, md5(i::varchar) as j from range(100000) t(i)`;
const COMMANDS: readonly (readonly [what: string, ...args: string[]])[] = [
  ['`sluice --help`', '--help'],
  ['`sluice status` on a running stack', 'status', 'olist'],
  ['`sluice sql --json`, 100,000 rows × 10 columns', 'sql', '--json', ROWS],
  ['`sluice sql --csv`, the same', 'sql', '--csv', ROWS],
  ['`sluice sql --json`, a text of 50 MB', 'sql', '--json', `select repeat('abcdefghij', 5000000) as v`],
  ['the same with line feeds', 'sql', '--json', `select repeat('abcdefghi' || chr(10), 5000000) as v`],
];
const INTERVALS = 100_000;
const SCHEDULES: readonly (readonly [schedule: Schedule, to: string])[] = [
  [{ every: '10 minutes' }, '2022-11-26T10:40:00Z'],
  [{ cron: '0 * * * *', timezone: 'America/New_York' }, '2032-05-29T16:00:00Z'],
];

/** What commands use, each in a process of its own: medians over `rounds`, after one that is not counted. */
export async function benchCommands(rounds: number): Promise<Usage[]> {
  const all: Usage[] = [];
  for (const [what, ...args] of COMMANDS) {
    await used(args);
    const found = [];
    for (let round = 0; round < rounds; round += 1) found.push(await used(args));
    all.push({
      what,
      seconds: median(found.map(({ seconds }) => seconds)),
      cpuSeconds: median(found.map(({ cpuSeconds }) => cpuSeconds)),
      peakRssMb: median(found.map(({ peakRssMb }) => peakRssMb)),
    });
  }
  return all;
}

const usage = z.object({ cpuSeconds: z.number(), peakRssMb: z.number() });

async function used(args: readonly string[]) {
  const began = performance.now();
  const child = spawn(
    process.execPath,
    ['--import', join(import.meta.dirname, 'usage.mjs'), join(ROOT, 'bin', 'sluice'), ...args],
    { stdio: ['ignore', 'pipe', 'inherit', 'pipe'] },
  );
  child.stdout?.resume();
  const told = text(child.stdio[3] as Readable);
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`sluice ${args[0] ?? ''} has ended with ${code}`);
  return { seconds: (performance.now() - began) / 1000, ...usage.parse(JSON.parse(await told)) };
}

/** From the start of a worker process until it takes work. */
export async function benchWorker(home: string, rounds: number): Promise<Usage> {
  const state = readState(home);
  if (!state) throw new Error(`Nothing runs on ${home}`);
  const found: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const ports = { healthPort: await getPort(), metricsPort: await getPort() };
    const began = performance.now();
    const worker = await startWorkingWorker('embedded', home, { ...state, ...ports }, () => undefined);
    found.push((performance.now() - began) / 1000);
    await worker.stop();
  }
  return { what: 'a worker, until it takes work', seconds: median(found), cpuSeconds: null, peakRssMb: null };
}

/** Planning a backfill of 100,000 intervals, and writing its plan down, as the worker does before the first of them begins. */
export async function benchPlans({ ledger }: Pick<Session, 'ledger'>): Promise<Usage[]> {
  const all: Usage[] = [];
  const past = pastOf(ledger, { present: () => Promise.resolve(new Set(['orders'])) });
  for (const [schedule, to] of SCHEDULES) {
    const name = 'bench_plan';
    const from = '2021-01-01T00:00:00Z';
    const pipeline = resolvePipeline({
      name,
      description: 'Many intervals',
      schedule,
      start: from,
      source: 'olist',
      tables: {
        orders: { domain: 'bench', extract: { mode: 'interval', cursor: 'at' }, primaryKey: ['id'] },
      },
    });
    const request = { pipeline: name, from, to } as const;
    const by = 'every' in schedule ? `every ${schedule.every}` : `${schedule.cron} in ${schedule.timezone}`;
    const planned = await measured(`plan of ${INTERVALS.toLocaleString('en-US')} intervals, ${by}`, () =>
      planBackfill(new Map([[name, pipeline]]), request, '2040-01-01T00:00:00Z', past),
    );
    const { runs, range, request: asked } = planned.result;
    const execution = String(performance.now());
    const written = await measured('writing it into the ledger', () =>
      ledger.openBackfill({
        backfillId: name,
        execution,
        pipeline: name,
        range,
        request: asked,
        intervals: runs,
      }),
    );
    await ledger.updateBackfill(name, { succeeded: 0, failed: 0, outcome: 'cancelled' });
    all.push(planned.usage, written.usage);
  }
  return all;
}

async function measured<T>(what: string, work: () => Promise<T>): Promise<{ result: T; usage: Usage }> {
  const began = performance.now();
  const before = process.cpuUsage();
  const result = await work();
  const { user, system } = process.cpuUsage(before);
  const seconds = (performance.now() - began) / 1000;
  return { result, usage: { what, seconds, cpuSeconds: (user + system) / 1e6, peakRssMb: null } };
}
