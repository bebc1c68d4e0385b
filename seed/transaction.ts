import pg from 'pg';
import { translated } from './database-errors.ts';
import { SeedInProgress } from './errors.ts';

/** Names the seeder among advisory locks: 'sluice seed' as a number of our own choosing. */
const LOCK = 5_758_423_111;

/**
 * Runs `work` in one transaction that no other seeding of this database can run beside, and commits. A failure
 * leaves the database as it was. A client that is handed in must be connected and idle, and stays connected.
 *
 * @throws {SeedInProgress} while another seeding runs
 * @throws {DatabaseUnreachable} {@link DatabaseRefused} for what the database answers
 */
export async function inSeedTransaction<T>(
  database: string | pg.Client,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  if (typeof database !== 'string') return transact(database, work);
  const client = new pg.Client({ connectionString: database, application_name: 'sluice-seed' });
  client.on('error', ignoreUntilTheNextQuery);
  try {
    await client.connect();
    return await transact(client, work);
  } catch (error) {
    throw translated(error);
  } finally {
    await client.end().catch(ignoreUntilTheNextQuery);
  }
}

async function transact<T>(client: pg.Client, work: (client: pg.Client) => Promise<T>): Promise<T> {
  try {
    await client.query(`begin; set local lock_timeout = '30s'; set local datestyle = 'ISO, YMD'`);
    const { rows } = await client.query<{ got: boolean }>('select pg_try_advisory_xact_lock($1) as got', [
      LOCK,
    ]);
    if (!rows[0]?.got) throw new SeedInProgress();
    const result = await work(client);
    await client.query('commit');
    return result;
  } catch (error) {
    await client.query('rollback').catch(ignoreUntilTheNextQuery);
    throw translated(error);
  }
}

/** A lost connection also fails the query that needs it, and that is where it is reported. */
function ignoreUntilTheNextQuery(): void {
  return;
}
