import { afterAll, beforeAll } from 'vitest';
import { useLedger } from '../connectors/ledger/postgres/harness.ts';
import type { PostgresLedger } from '../connectors/ledger/postgres/ledger.ts';
import type { Registry } from '../core/registry.ts';
import { openPages, type Pages } from './pages.fixture.ts';

/** Pages of a test file's own over a ledger of its own, which is emptied after every test. */
export function usePages(
  purpose: string,
  registry: Registry,
): {
  readonly ledger: () => PostgresLedger;
  readonly pages: () => Pages;
  readonly database: ReturnType<typeof useLedger>['database'];
} {
  const own = useLedger(purpose);
  let pages: Pages;
  beforeAll(async () => {
    pages = await openPages(own.ledger(), registry);
  });
  afterAll(() => pages.serving.close());
  return { ledger: own.ledger, database: own.database, pages: () => pages };
}
