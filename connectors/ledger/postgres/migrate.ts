import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { LedgerDatabase } from './database.ts';

const MIGRATIONS = join(import.meta.dirname, 'migrations');
const DONE = 'migrations'; // the table of those that were done
const LOCK = 7_205_759; // any number that nobody else locks in this database

/** Brings the database to the newest version. May be called again, and by several processes at once. */
export async function migrate(database: LedgerDatabase): Promise<void> {
  if (await isNewest(database)) return;
  const { runner } = await import('node-pg-migrate');
  await database.withClient(async (client) => {
    try {
      await client.query('SELECT pg_advisory_lock($1)', [LOCK]);
      await runner({
        dbClient: client,
        dir: MIGRATIONS,
        direction: 'up',
        migrationsTable: DONE,
        noLock: true,
        log: () => undefined,
      });
    } finally {
      await client.query('SELECT pg_advisory_unlock($1)', [LOCK]).catch(() => undefined);
    }
  });
}

/** Every command asks it, and the runner takes as long to load as most of them to run. */
async function isNewest({ query }: LedgerDatabase): Promise<boolean> {
  const [table] = await query<{ made: boolean }>(`SELECT to_regclass($1) IS NOT NULL AS made`, [DONE]);
  if (!table?.made) return false;
  const done = new Set(
    (await query<{ name: string }>(`SELECT name FROM ${DONE}`, [])).map((row) => row.name),
  );
  return readdirSync(MIGRATIONS).every((file) => done.has(file.replace(/\.sql$/, '')));
}
