import { PROJECT } from '../../profiles/project.ts';
import { pythonHome } from './home.ts';
import { MYSQL_PORT } from './mariadb.ts';
import { knownPassword, type StackState } from './state.ts';

type Addresses = Omit<StackState, 'pid' | 'began' | 'parts' | 'ending' | 'children'>;

/** The variables that `profiles/embedded.yaml` and `profiles/aws-local.yaml` refer to. Without a running stack, ports are those it would prefer. */
export function embeddedEnvironment(home: string, state: Addresses | undefined): Record<string, string> {
  return {
    SLUICE_HOME: home,
    SLUICE_PROJECT: PROJECT,
    SLUICE_PYTHON: pythonHome(process.env),
    SLUICE_POSTGRES_PORT: String(state?.postgresPort ?? 5433),
    SLUICE_POSTGRES_PASSWORD: knownPassword(home) ?? 'none before the first start',
    SLUICE_MYSQL_PORT: String(state?.mysqlPort ?? MYSQL_PORT),
    // A stack that runs without one waits for none: it gets one when it is started after the seeding.
    SLUICE_MYSQL_ABSENT:
      state && state.mysqlPort === undefined
        ? 'The stack runs without a MySQL, since nothing was seeded in one.'
        : '',
    SLUICE_MYSQL_PASSWORD: knownPassword(home) ?? 'none before the first start',
    TEMPORAL_ADDRESS: `127.0.0.1:${state?.temporalPort ?? 7233}`,
    TEMPORAL_UI: `http://127.0.0.1:${state?.uiPort ?? 8233}`,
    SLUICE_METRICS: `127.0.0.1:${state?.metricsPort ?? 9464}`,
    SLUICE_HEALTH: `127.0.0.1:${state?.healthPort ?? 8081}`,
    SLUICE_PAGES: state?.pagesPort === undefined ? '' : `127.0.0.1:${state.pagesPort}`,
    ...state?.variables,
  };
}
