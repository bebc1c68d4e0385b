import { afterAll, afterEach, beforeAll } from 'vitest';
import { testDatabase, type TestDatabase } from '../../../test/setup/database.ts';
import { LEDGER_TABLES } from './fixtures.ts';
import { PostgresLedger } from './ledger.ts';

/** A ledger of a test file's own, emptied after every test. */
export function useLedger(purpose: string): {
  readonly ledger: () => PostgresLedger;
  readonly database: () => TestDatabase;
} {
  let database: TestDatabase;
  let ledger: PostgresLedger;
  beforeAll(async () => {
    database = await testDatabase(purpose);
    ledger = new PostgresLedger(database.address);
    await ledger.migrate();
  });
  afterEach(() => database.client.query(`TRUNCATE ${LEDGER_TABLES}`));
  afterAll(async () => {
    await ledger.close();
    await database.close();
  });
  return { ledger: () => ledger, database: () => database };
}
