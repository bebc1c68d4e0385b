import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import getPort, { portNumbers } from 'get-port';
import { InvalidInput, TerminalError } from '../../core/errors.ts';
import { AWS_LOCAL_PORTS, startAwsLocal } from './aws-local.ts';
import { startChild } from './child.ts';
import { embeddedEnvironment } from './environment.ts';
import { homeFolder, ROOT } from './home.ts';
import { endLeftovers } from './leftovers.ts';
import { EmbeddedServer } from './postgres.ts';
import { isListening, until } from './ready.ts';
import {
  clearState,
  databasePassword,
  isAlive,
  readState,
  writeState,
  type StackParts,
  type StackState,
} from './state.ts';
import { supervise } from './supervise.ts';
import { mustHaveTemporal, startTemporal } from './temporal.ts';
import { unused, useStack } from './users.ts';

const WORKER_TIMEOUT_MS = 60_000;

export interface Stack {
  readonly state: StackState;
  /** True when another process runs it: then `stop` leaves it alone. */
  readonly attached: boolean;
  stop(): Promise<void>;
}

/** Uses the stack that runs on the profile's home, else starts as much of one as is needed, which lasts until `stop`. */
export async function openStack(
  profile: string,
  say: (what: string) => void,
  parts: StackParts = 'all',
): Promise<Stack> {
  const home = homeFolder(process.env, profile);
  for (;;) {
    const running = readState(home);
    if (!running || !isAlive(running.pid)) return startStack(profile, home, say, parts);
    const leave = useStack(home);
    if (running.parts === 'all' || parts === 'ledger') {
      await ready(home, running);
      return { state: running, attached: true, stop: () => Promise.resolve(leave()) };
    }
    leave();
    say(`waiting for process ${running.pid}, which has only a part of the stack running`);
    await until(
      `The stack after process ${running.pid}`,
      () => Promise.resolve(!isAlive(running.pid)),
      WORKER_TIMEOUT_MS,
    );
  }
}

async function ready(
  home: string,
  { pid, parts, postgresPort, temporalPort, healthPort }: StackState,
): Promise<void> {
  const ports = parts === 'all' ? [postgresPort, temporalPort, healthPort] : [postgresPort];
  const listening = async () => (await Promise.all(ports.map(isListening))).every(Boolean);
  await until(`The stack of process ${pid} on ${home}`, listening, WORKER_TIMEOUT_MS);
}

async function startStack(
  profile: string,
  home: string,
  say: (what: string) => void,
  parts: StackParts,
): Promise<Stack> {
  if (parts === 'all') mustHaveTemporal();
  mkdirSync(join(home, 'logs'), { recursive: true });
  await endLeftovers(home);
  const state: StackState = {
    pid: process.pid,
    parts,
    postgresPort: await freePort('SLUICE_POSTGRES_PORT', 5433),
    temporalPort: await freePort('SLUICE_TEMPORAL_PORT', 7233),
    uiPort: await freePort('SLUICE_UI_PORT', 8233),
    metricsPort: await freePort('SLUICE_METRICS_PORT', 9464),
    healthPort: await freePort('SLUICE_HEALTH_PORT', 8081),
    children: {},
    variables: {},
  };
  writeState(home, state);
  const stops: (() => Promise<void>)[] = [];
  const stop = async () => {
    await unused(home);
    for (const end of stops.splice(0).reverse()) await end();
    clearState(home);
  };
  try {
    say(parts === 'all' ? 'starting PostgreSQL and Temporal' : 'starting PostgreSQL');
    const begun = (name: string) => (pid: number) => {
      state.children[name] = pid;
      writeState(home, state);
    };
    const server = new EmbeddedServer(home, state.postgresPort, databasePassword(home));
    const postgres = supervise('PostgreSQL', () => server.start(), begun('postgres'), say);
    stops.push(async () => (await postgres.catch(() => undefined))?.());
    const temporal =
      parts === 'all'
        ? supervise(
            'Temporal',
            () => startTemporal(home, state.temporalPort, state.uiPort),
            begun('temporal'),
            say,
          )
        : undefined;
    stops.push(async () => (await temporal?.catch(() => undefined))?.());
    await Promise.allSettled([postgres, temporal]);
    await Promise.all([postgres, temporal]);
    if (profile === 'aws-local') {
      say('starting S3, Glue and Redshift');
      const port = await freePorts(AWS_LOCAL_PORTS);
      const start = () => startAwsLocal(home, state, port);
      stops.push(await supervise('The stand-ins for AWS', start, begun('aws-local'), say));
    }
    if (!temporal) return { state, attached: false, stop };
    say('starting the worker');
    stops.push(await superviseWorker(profile, home, state, begun('worker'), say));
  } catch (error) {
    await stop();
    throw error;
  }
  return { state, attached: false, stop };
}

/** @returns what ends the worker for good, once it is up */
async function superviseWorker(
  profile: string,
  home: string,
  state: StackState,
  begun: (pid: number) => void,
  say: (what: string) => void,
): Promise<() => Promise<void>> {
  const env = { ...process.env, ...embeddedEnvironment(home, state), SLUICE_PROFILE: profile };
  const log = join(home, 'logs', 'worker.log');
  let starts = 0;
  const start = () => {
    starts += 1;
    const args = [join(ROOT, 'bin', 'worker')];
    return Promise.resolve(startChild(process.execPath, args, { log, env, cwd: ROOT }));
  };
  const stop = await supervise('The worker', start, begun, say);
  try {
    await until(
      'The worker',
      () => isListening(state.healthPort),
      WORKER_TIMEOUT_MS,
      () => (starts > 2 ? `it ended ${starts - 1} times; look at ${log}` : undefined),
    );
  } catch (error) {
    await stop();
    throw error;
  }
  return stop;
}

/** The first of several free ports in a row. */
async function freePorts({
  first,
  count,
}: {
  readonly first: number;
  readonly count: number;
}): Promise<number> {
  for (let port = first; ; port += count) {
    const row = Array.from({ length: count }, (_, at) => isListening(port + at));
    if (!(await Promise.all(row)).some(Boolean)) return port;
  }
}

/** The port that the variable names, else the usual one or the next free one after it. */
async function freePort(variable: string, usual: number): Promise<number> {
  const wanted = process.env[variable];
  if (wanted === undefined) return getPort({ port: portNumbers(usual, usual + 99), host: '127.0.0.1' });
  if (!/^\d{1,5}$/.test(wanted) || Number(wanted) < 1 || Number(wanted) > 65_535)
    throw new InvalidInput('The environment', [
      `${variable}: '${wanted}' is no port; give 1 to 65535, or leave it unset.`,
    ]);
  if (await isListening(Number(wanted))) {
    throw new TerminalError(
      `Port ${wanted} (${variable}) is already in use. Free it, set another, or leave it unset for a free one.`,
    );
  }
  return Number(wanted);
}
