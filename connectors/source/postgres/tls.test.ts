import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Authority } from '../../../test/setup/certificates.ts';
import { encryptedPostgres, type EncryptedPostgres } from '../../../test/setup/encrypted-postgres.ts';
import { LedgerDatabase } from '../../ledger/postgres/database.ts';
import type { PostgresTls } from '../../postgres/tls.ts';
import { aTable, extractAll } from '../conformance/suite.ts';
import { openPostgres, type PostgresHarness } from './harness.ts';
import { libpqOptions } from '../../postgres/address.ts';
import { PostgresSource } from './source.ts';

/** By a name, and by an address of this machine that only the second certificate has. */
describe('PostgreSQL over TLS', { timeout: 120_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-postgres-tls-'));
  const authority = new Authority(folder);
  const root = authority.root;
  const stranger = new Authority(folder, 'stranger').root;
  let db: PostgresHarness;
  let named: EncryptedPostgres;
  let addressed: EncryptedPostgres;
  beforeAll(async () => {
    db = await openPostgres();
    await db.sql(`CREATE TABLE orders (id int PRIMARY KEY); INSERT INTO orders VALUES (1), (2)`);
    named = await encryptedPostgres(db.options, authority.sign('named', ['DNS:localhost']));
    addressed = await encryptedPostgres(db.options, authority.sign('addressed', ['IP:127.0.0.1']));
  }, 120_000);
  afterAll(async () => {
    named.close();
    addressed.close();
    await db.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const at = (host: string, ssl: PostgresTls) => ({
    ...db.options,
    host,
    port: (host === 'localhost' ? named : addressed).port,
    ssl,
  });

  /** How many rows are read, or what that fails of. */
  async function rowsAt(options: ConstructorParameters<typeof PostgresSource>[0]): Promise<unknown> {
    const source = new PostgresSource(options);
    try {
      return await extractAll(source, aTable()).then(
        ({ rows }) => rows,
        (error: unknown) => String(error),
      );
    } finally {
      await source.close();
    }
  }

  it.each<[string, PostgresTls]>([
    ['localhost', { mode: 'require' }],
    ['localhost', { mode: 'verify-full', rootCertificate: root }],
    ['127.0.0.1', { mode: 'verify-full', rootCertificate: root }],
    ['127.0.0.1', { mode: 'verify-ca', rootCertificate: root }],
  ])('reads from %s by %j, and keeps its ledger there', async (host, ssl) => {
    expect(await rowsAt(at(host, ssl))).toBe(2);
    const ledger = new LedgerDatabase(at(host, ssl));
    expect(await ledger.query('SELECT 1 AS one', [])).toEqual([{ one: 1 }]);
    await ledger.close();
  });

  it('reads under any name from whom the authority has signed, where only that is asked for', async () => {
    const ssl = { mode: 'verify-ca', rootCertificate: root } as const;
    expect(await rowsAt({ ...at('localhost', ssl), host: '127.0.0.1' })).toBe(2);
  });

  it('has the client that reads the rows verify, too, by whom Node knows where nobody is named', () => {
    expect(libpqOptions(at('localhost', { mode: 'verify-full' }))).toMatch(
      /sslmode='verify-full' sslrootcert='[^']+ca\.pem'/,
    );
    expect(libpqOptions(at('localhost', { mode: 'require' }))).not.toContain('sslrootcert');
  });

  it.each<[string, string, number | undefined, PostgresTls]>([
    ['that others have signed', 'localhost', undefined, { mode: 'verify-ca', rootCertificate: stranger }],
    ['that nobody known has signed', 'localhost', undefined, { mode: 'verify-full' }],
    ['of another address', '127.0.0.1', 1, { mode: 'verify-full', rootCertificate: root }],
  ])('takes no certificate %s, and does not try again', async (_, host, isNamed, ssl) => {
    const options = { ...at(host, ssl), ...(isNamed && { port: named.port }) };
    const advice = /^TerminalError.*Correct 'ssl' or 'host' of the connection/;
    expect(await rowsAt(options)).toMatch(advice);
    const ledger = new LedgerDatabase(options);
    await expect(ledger.query('SELECT 1', [])).rejects.toThrow(/^The ledger .*'ssl' or 'host' of 'ledger'/);
    await ledger.close();
  });
});
