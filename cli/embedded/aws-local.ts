import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { startChild, whetherEnded, type Child } from './child.ts';
import { ROOT } from './home.ts';
import { until } from './ready.ts';
import { MYSQL_PORT } from './mariadb.ts';
import { databasePassword, type StackState } from './state.ts';

const START_TIMEOUT_MS = 60_000;

/** In a row; where the row usually begins. */
export const AWS_LOCAL_PORTS = { first: 4600, count: 6 };

/**
 * Starts the stand-ins of `aws-local/` over the stack's PostgreSQL, with their data in `<home>/aws`, and notes in the state what
 * `profiles/aws-local.yaml` and the SDKs ask for.
 */
export async function startAwsLocal(
  home: string,
  state: StackState,
  firstPort: number,
  begun: (pid: number) => void,
): Promise<Child> {
  const folder = join(home, 'aws');
  const ready = join(folder, 'environment.json');
  rmSync(ready, { force: true });
  const log = join(home, 'logs', 'aws-local.log');
  const login = (name: string, port: number) => ({
    [`AWS_LOCAL_${name}_HOST`]: '127.0.0.1',
    [`AWS_LOCAL_${name}_PORT`]: String(port),
    [`AWS_LOCAL_${name}_USER`]: 'sluice',
    [`AWS_LOCAL_${name}_PASSWORD`]: databasePassword(home),
  });
  const child = startChild(process.execPath, ['--import', 'tsx', join(ROOT, 'aws-local', 'main.ts')], {
    log,
    cwd: ROOT,
    env: {
      ...process.env,
      AWS_LOCAL_FOLDER: folder,
      AWS_LOCAL_FIRST_PORT: String(firstPort),
      AWS_LOCAL_LEDGER_DATABASE: 'sluice',
      AWS_LOCAL_SOURCE_DATABASE: 'olist',
      ...login('POSTGRES', state.postgresPort),
      ...login('SOURCE', state.postgresPort),
      ...login('MYSQL', state.mysqlPort ?? MYSQL_PORT),
    },
  });
  begun(child.pid);
  const hasEnded = whetherEnded(child);
  let variables: Record<string, string> | undefined;
  await until(
    'The stand-ins of aws-local',
    () => Promise.resolve((variables = readVariables(ready)) !== undefined),
    START_TIMEOUT_MS,
    () => (hasEnded() ? `${lastLine(log)}; look at ${log}` : undefined),
  );
  Object.assign(state.variables, variables);
  return child;
}

function readVariables(file: string): Record<string, string> | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>;
  } catch {
    return undefined;
  }
}

function lastLine(log: string): string {
  return readFileSync(log, 'utf8').trimEnd().split('\n').at(-1) ?? 'it ended';
}
