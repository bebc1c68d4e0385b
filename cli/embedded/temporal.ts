import { join } from 'node:path';
import { TerminalError } from '../../core/errors.ts';
import { SEARCH_ATTRIBUTES } from '../../core/run.ts';
import { startChild, whetherEnded, type Child } from './child.ts';
import { temporalBinary } from './home.ts';
import { listens } from './listens.ts';
import { until } from './ready.ts';

const START_TIMEOUT_MS = 60_000;

/** Without these the server waits about 100 ms between steps and rounds timers up to a second. */
export const DYNAMIC_CONFIG = [
  'history.transferProcessorMaxPollRPS=2000',
  'history.timerProcessorMaxTimeShift="10ms"',
  'system.enableActivityEagerExecution=true',
  'frontend.enableUpdateWorkflowExecution=true',
];

const TYPE_NAMES = { KEYWORD: 'Keyword', DATETIME: 'Datetime' } as const;

/** @throws {TerminalError} when there is no Temporal on this machine */
export function mustHaveTemporal(): string {
  const binary = temporalBinary(process.env);
  if (binary) return binary;
  throw new TerminalError(
    `The Temporal CLI is neither in .tools/bin nor on PATH. Run 'sluice setup', or install it: https://docs.temporal.io/cli/setup-cli`,
  );
}

/**
 * Of SQLite (https://sqlite.org/wal.html): a transaction is written and synchronized once, not twice, and is as safe from a
 * loss of power. Its own default, a rollback journal, takes half as long again from step to step.
 */
const PRAGMAS = ['journal_mode=wal', 'synchronous=full'];

/** Starts Temporal's development server with its state in `<home>/temporal.db`. */
export async function startTemporal(
  home: string,
  port: number,
  uiPort: number,
  begun: (pid: number) => void = () => undefined,
): Promise<Child> {
  const binary = mustHaveTemporal();
  const log = join(home, 'logs', 'temporal.log');
  const child = startChild(
    binary,
    [
      'server',
      'start-dev',
      ...['--ip', '127.0.0.1', '--port', String(port), '--ui-port', String(uiPort)],
      ...['--db-filename', join(home, 'temporal.db'), '--log-level', 'warn'],
      ...PRAGMAS.flatMap((pragma) => ['--sqlite-pragma', pragma]),
      ...DYNAMIC_CONFIG.flatMap((setting) => ['--dynamic-config-value', setting]),
      ...Object.entries(SEARCH_ATTRIBUTES).flatMap(([name, type]) => [
        '--search-attribute',
        `${name}=${TYPE_NAMES[type]}`,
      ]),
    ],
    { log },
  );
  begun(child.pid);
  const hasEnded = whetherEnded(child);
  try {
    await until(
      'Temporal',
      () => Promise.resolve(listens(child.pid, port)),
      START_TIMEOUT_MS,
      () => (hasEnded() ? `it ended; look at ${log}` : undefined),
    );
    return child;
  } catch (error) {
    await child.stop();
    throw error;
  }
}
