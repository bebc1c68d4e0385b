import { execFile } from 'node:child_process';
import { accessSync, constants, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Command } from 'commander';
import { thenCleanUp } from '../../core/clean-up.ts';
import { messageOf } from '../../core/errors.ts';
import { registry } from '../../pipelines/index.ts';
import type { Profile } from '../../profiles/profile.ts';
import { homeFolder, pythonHome, runsOwnStack, temporalBinary } from '../embedded/home.ts';
import { runningState } from '../embedded/state.ts';
import { whyNoContainers } from '../../profiles/open.ts';
import { pipelinesWithContainers } from '../container-engine.ts';
import { table } from '../output.ts';
import { withStores } from '../session.ts';
import { example, invocation } from './globals.ts';

interface Finding {
  readonly what: string;
  readonly ok: boolean;
  readonly detail: string;
}

const run = promisify(execFile);
const TIMEOUT_MS = 30_000;

export function doctorCommand(command: Command): void {
  command
    .addHelpText('after', example('sluice doctor', 'sluice doctor --profile compose'))
    .action(async (_options: unknown, command: Command) => {
      const { options, output } = invocation(command);
      const findings = await withStores(options, output, (profile) =>
        Promise.all([
          ...tools(options.profile),
          ...places(options.profile),
          ...connections(options.profile, profile),
          ...containers(profile),
        ]),
      );
      output.result(
        findings,
        table(
          ['', 'what', 'finding'],
          findings.map(({ what, ok, detail }) => [ok ? '✓' : '✗', what, detail]),
        ),
      );
      if (findings.some((finding) => !finding.ok)) process.exitCode = 1;
    });
}

function tools(profile: string): Promise<Finding>[] {
  const temporal = temporalBinary(process.env);
  return [
    finding('Node', () => Promise.resolve(process.versions.node)),
    finding('pipelines', () => {
      if (registry.broken.size)
        throw new Error(`${[...registry.broken.keys()].join(', ')}: left out; 'sluice validate' says why`);
      return Promise.resolve([...registry.keys()].join(', '));
    }),
    finding('dbt', async () => {
      const dbt = join(pythonHome(process.env), 'bin', 'dbt');
      if (!existsSync(dbt)) throw new Error(`not found at ${dbt}; run 'sluice setup'`);
      return firstLines((await run(dbt, ['--version'], { timeout: TIMEOUT_MS })).stdout);
    }),
    // Only the embedded stack starts a server of its own.
    ...(runsOwnStack(profile, process.env)
      ? [
          finding('Temporal CLI', async () => {
            if (!temporal) throw new Error("not found; run 'sluice setup'");
            return firstLines((await run(temporal, ['--version'])).stdout);
          }),
        ]
      : []),
  ];
}

function places(profile: string): Promise<Finding>[] {
  if (!runsOwnStack(profile, process.env)) return [];
  const home = homeFolder(process.env, profile);
  const state = runningState(home);
  return [
    finding('home folder', () => {
      mkdirSync(home, { recursive: true });
      accessSync(home, constants.W_OK);
      return Promise.resolve(home);
    }),
    finding('stack', () =>
      Promise.resolve(
        state
          ? `process ${state.pid}, Web UI http://127.0.0.1:${state.uiPort}`
          : 'not running; commands start one as they need it',
      ),
    ),
  ];
}

function connections(name: string, profile: Profile): Promise<Finding>[] {
  const state = runningState(homeFolder(process.env));
  if (name === 'embedded' && !state) return [];
  const hasNoMysql = runsOwnStack(name, process.env) && state?.mysqlPort === undefined;
  return Object.entries(profile.connections).map(([connection, { type }]) =>
    finding(`connection ${connection}`, async () => {
      if (type === 'mysql' && hasNoMysql)
        return 'the stack has no MariaDB yet: it comes with what is seeded first';
      const { openSource } = await import('../../profiles/sources.ts');
      const source = await openSource(profile, connection);
      return thenCleanUp(
        async () => {
          const signal = AbortSignal.timeout(TIMEOUT_MS);
          if (source.arrivals) {
            await source.arrivals.list('', '*', signal);
            return 'files can be listed';
          }
          const row = await source.firstRow('SELECT version() AS version', signal);
          return row?.['version']?.split(' on ')[0] ?? '';
        },
        () => source.close(),
      );
    }),
  );
}

/** Where no pipeline has a container, none need be run. */
function containers(profile: Profile): Promise<Finding>[] {
  if (!profile.jobs.container) return [];
  const { type } = profile.jobs.container;
  return [
    finding(`containers (${type})`, async () => {
      const why = await whyNoContainers(profile);
      if (why === undefined) return type === 'docker' ? 'the engine answers' : 'not asked from here';
      if (pipelinesWithContainers(registry).length) throw new Error(why);
      return `no pipeline has any; ${why}`;
    }),
  ];
}

async function finding(what: string, look: () => Promise<string>): Promise<Finding> {
  try {
    return { what, ok: true, detail: await look() };
  } catch (error) {
    return { what, ok: false, detail: messageOf(error).split('\n')[0] ?? '' };
  }
}

function firstLines(text: string): string {
  return text
    .trim()
    .split('\n')
    .slice(0, 2)
    .map((line) => line.trim())
    .join(' ');
}
