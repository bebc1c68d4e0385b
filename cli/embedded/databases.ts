import { readProfile } from '../../profiles/read.ts';
import { secretStores } from '../../profiles/secret-stores.ts';
import { embeddedEnvironment } from './environment.ts';
import { DATABASES } from './postgres.ts';
import type { StackState } from './state.ts';

/** The databases that a profile's connections and ledger have in the stack's own PostgreSQL. */
export async function embeddedDatabases(
  name: string,
  home: string,
  state: StackState,
): Promise<readonly string[]> {
  // The stand-ins for AWS, which its connections lead through, are not there yet.
  if (name === 'aws-local') return [...DATABASES, 'bikestore'];
  const variables = { ...process.env, ...embeddedEnvironment(home, state) };
  const { ledger, connections } = await readProfile(name, secretStores(variables));
  const servers = Object.values(connections).filter((each) => each.type !== 'files');
  const own = [ledger, ...servers].filter(
    ({ host, port }) => host === '127.0.0.1' && port === state.postgresPort,
  );
  return [...new Set(own.map(({ database }) => database))];
}
