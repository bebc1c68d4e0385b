import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import mysql, { type RowDataPacket } from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Child } from '../../../cli/embedded/child.ts';
import { startMariaDb } from '../../../cli/embedded/mariadb.ts';
import getPort from 'get-port';
import { TerminalError, Unreachable } from '../../../core/errors.ts';
import { Authority } from '../../../test/setup/certificates.ts';
import { findExtension } from '../../duckdb/extension.ts';
import { aTable, extractAll, type TableFields } from '../conformance/suite.ts';
import type { MysqlTls } from './session.ts';
import { openEngine, Stream } from './stream.ts';
import { MysqlSource, type MysqlSourceOptions } from './source.ts';

const PASSWORD = 'only-by-tls';
const CIPHER = `SELECT 1 AS id, VARIABLE_VALUE AS cipher FROM information_schema.SESSION_STATUS WHERE VARIABLE_NAME = 'SSL_CIPHER'`;

/** A server that a test may end, with certificates of an authority that nobody knows. */
describe('a MySQL server of its own', { timeout: 120_000 }, () => {
  const home = mkdtempSync(join(tmpdir(), 'sluice-own-mysql-'));
  const authority = new Authority(home);
  const stranger = new Authority(home, 'stranger');
  let server: Child;
  let port: number;
  const start = async (name = 'localhost') => {
    const { certificate, key } = authority.sign('server', [`DNS:${name}`]);
    server = await startMariaDb({
      home,
      port,
      password: PASSWORD,
      databases: ['shop'],
      settings: { 'ssl-cert': certificate, 'ssl-key': key, 'ssl-ca': authority.root },
    });
  };
  const sql = async (statement: string) => {
    const client = await mysql.createConnection({
      ...{ host: '127.0.0.1', port, user: 'sluice', password: PASSWORD, database: 'shop' },
      multipleStatements: true,
    });
    try {
      return (await client.query<RowDataPacket[]>(statement))[0];
    } finally {
      await client.end();
    }
  };

  beforeAll(async () => {
    port = await getPort();
    await start();
    await sql(`CREATE USER secured@'%' IDENTIFIED BY '${PASSWORD}' REQUIRE SSL; GRANT SELECT, PROCESS ON *.* TO secured@'%';
      CREATE TABLE orders (id int PRIMARY KEY, note longtext); INSERT INTO orders VALUES (1, 'a'), (2, 'b')`);
  }, 200_000);
  afterAll(async () => {
    await server.stop();
    rmSync(home, { recursive: true, force: true });
  });

  const extension = findExtension('mysql_scanner', { pythonHome: join(process.cwd(), '.tools/python') });
  /** What is extracted, or what that fails of. */
  async function read(options: Partial<MysqlSourceOptions>, fields: TableFields): Promise<unknown> {
    const source = new MysqlSource({
      ...{ name: 'test', host: 'localhost', port, database: 'shop', user: 'secured', password: PASSWORD },
      ...(extension !== undefined && { extensionFile: extension }),
      ...{ parquetVersion: 'V2' as const, ...options },
    });
    try {
      return await extractAll(source, aTable(fields)).then(
        ({ data }) => data,
        (error: unknown) => error,
      );
    } finally {
      await source.close();
    }
  }
  const by = (ssl: MysqlTls, host = 'localhost') => read({ host, ssl }, { query: CIPHER, primaryKey: [] });

  it.each<[string, MysqlTls, string]>([
    ['require, with an authority that nobody knows', { mode: 'require' }, 'localhost'],
    ['verify-ca, whatever its name', { mode: 'verify-ca', rootCertificate: authority.root }, '127.0.0.1'],
    ['verify-full', { mode: 'verify-full', rootCertificate: authority.root }, 'localhost'],
  ])('sends rows encrypted: %s', async (_, ssl, host) => {
    expect(await by(ssl, host)).toEqual([{ id: '1', cipher: expect.stringMatching(/^TLS/) as string }]);
  });

  it.each<[string, MysqlTls, string]>([
    ['is signed by others', { mode: 'verify-ca', rootCertificate: stranger.root }, 'localhost'],
    ['is signed by nobody known', { mode: 'verify-full' }, 'localhost'],
  ])('is not read where its certificate %s', async (_, ssl, host) => {
    const error = await by(ssl, host);
    expect(error).toBeInstanceOf(TerminalError);
    expect(String(error)).toMatch(/Correct 'ssl' or 'host' of the connection/);
    expect(String(error)).not.toContain(PASSWORD);
  });

  it('is no more read by the client that fetches the rows where nobody known has signed its certificate', async () => {
    const address = {
      ...{ host: 'localhost', port, database: 'shop', user: 'secured', password: PASSWORD },
      ssl: { mode: 'verify-full' } as const,
    };
    const engine = await openEngine({ address, extensionFile: extension, memoryLimit: '256MB' });
    await expect(Stream.open(engine, address)).rejects.toThrow(/TLS.*certificate/);
    engine.closeSync();
  });

  it('that lets a user in by TLS alone says so to one who comes without', async () => {
    const error = await read({}, { from: 'orders' });
    expect(error).toBeInstanceOf(TerminalError);
    expect(String(error)).toMatch(/ssl/);
  });

  it('gives rows that are larger than its max_allowed_packet whole', async () => {
    const size = 3_000_000;
    await sql(
      `CREATE TABLE wide (id int PRIMARY KEY, note longtext); INSERT INTO wide VALUES (1, REPEAT('é', ${size}))`,
    );
    await sql('SET GLOBAL max_allowed_packet = 1048576');
    const rows = await read({ ssl: { mode: 'require' } }, { from: 'wide' });
    await sql('SET GLOBAL max_allowed_packet = DEFAULT; DROP TABLE wide');
    expect(rows).toEqual([{ id: '1', note: 'é'.repeat(size) }]);
  });

  it('that is killed in mid scan is waited for, and the next attempt has every row', async () => {
    const query = `SELECT id, note, sleep(1 + 0 * id) AS waited FROM orders`;
    const failed = read({ ssl: { mode: 'require' } }, { query });
    await expect
      .poll(
        async () => {
          const [row] = await sql(
            `SELECT COUNT(*) AS n FROM information_schema.PROCESSLIST WHERE INFO LIKE '%/* sluice %waited%' AND ID <> CONNECTION_ID()`,
          );
          return Number(row?.['n']);
        },
        { timeout: 60_000 },
      )
      .toBe(1);
    process.kill(server.pid, 'SIGKILL');
    expect(await failed).toBeInstanceOf(Unreachable);
    expect(await read({ ssl: { mode: 'require' } }, { from: 'orders' })).toBeInstanceOf(Unreachable);
    await server.stop();
    await start();
    expect(await read({ ssl: { mode: 'require' } }, { from: 'orders' })).toEqual([
      { id: '1', note: 'a' },
      { id: '2', note: 'b' },
    ]);
  });

  it('is not read where its certificate is another host’s, nor under an address that no certificate is held to', async () => {
    await server.stop();
    await start('db.example.org');
    const ssl = { mode: 'verify-full', rootCertificate: authority.root } as const;
    expect(String(await by(ssl))).toMatch(/^TerminalError.*db\.example\.org.*Correct 'ssl' or 'host'/);
    expect(String(await by(ssl, '127.0.0.1'))).toMatch(
      /^TerminalError.*name as 'host' in place of 127\.0\.0\.1/,
    );
  });
});
