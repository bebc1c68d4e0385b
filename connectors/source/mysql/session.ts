import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import mysql, { type Connection } from 'mysql2/promise';
import { TerminalError } from '../../../core/errors.ts';
import { knownAuthorities } from '../../tls/known-authorities.ts';

/** Where a MySQL or MariaDB database is and how to get in. */
export interface MysqlAddress {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: string;
  /** Absent: no encryption. */
  readonly ssl?: MysqlTls;
}

/**
 * How a connection is encrypted: `require` does not look at the certificate, `verify-full` holds it to the host's name. `verify-ca` does not
 * for the catalog, but the client that reads the rows looks at the name all the same, where the host is not this machine.
 */
export interface MysqlTls {
  readonly mode: 'require' | 'verify-ca' | 'verify-full';
  /** A PEM file with the authorities that sign the server's certificate; absent: those that Node knows. */
  readonly rootCertificate?: string;
}

export const CONNECT_TIMEOUT = 15; // seconds
/** Waits for a table whose definition is being changed, not for ever. Seconds. */
const LOCK_TIMEOUT = 60;

/** A connection for the catalog, in UTC; values are text or null, but for small numbers. The caller ends it. @throws what `mysql2` throws */
export async function connect(address: MysqlAddress): Promise<Connection> {
  const { host, port, database, user, password, ssl } = address;
  const client = await mysql.createConnection({
    host,
    port,
    database,
    user,
    password,
    charset: 'utf8mb4',
    dateStrings: true,
    supportBigNumbers: true,
    bigNumberStrings: true,
    connectTimeout: CONNECT_TIMEOUT * 1000,
    ...(ssl && { ssl: tlsOptions(ssl, host) }),
  });
  client.on('error', () => undefined); // A lost connection shows in the query that needs it.
  try {
    await client.query(
      `SET SESSION time_zone = '+00:00', SESSION lock_wait_timeout = ${LOCK_TIMEOUT}, SESSION sql_mode = ''`,
    );
    return client;
  } catch (error) {
    client.destroy();
    throw error;
  }
}

/** The same address for DuckDB's extension, without host, user and password. @see https://duckdb.org/docs/stable/core_extensions/mysql */
export function attachOptions({ ssl }: MysqlAddress): string {
  const mode = { require: 'required', 'verify-ca': 'verify_ca', 'verify-full': 'verify_identity' } as const;
  // Without authorities its client verifies nothing, whatever the mode; with them it does, whatever the mode.
  const ca = !ssl || ssl.mode === 'require' ? '' : ` ssl_ca=${ssl.rootCertificate ?? knownAuthorities()}`;
  // Compressed, rows take three times as long.
  return `compression=disabled ssl_mode=${ssl ? mode[ssl.mode] : 'disabled'}${ca}`;
}

/** @throws {TerminalError} an address where a name is needed: `mysql2` would hold its certificate to `localhost` */
function tlsOptions(
  { mode, rootCertificate }: MysqlTls,
  host: string,
): {
  rejectUnauthorized: boolean;
  verifyIdentity?: boolean;
  ca?: string;
} {
  if (mode === 'require') return { rejectUnauthorized: false };
  if (mode === 'verify-full' && isIP(host))
    throw new TerminalError(
      `'ssl: { mode: verify-full }' cannot hold the certificate of a MySQL server to an address. Write the server's name as 'host' in place of ${host}, or set mode 'verify-ca'.`,
    );
  return {
    rejectUnauthorized: true,
    verifyIdentity: mode === 'verify-full',
    ...(rootCertificate !== undefined && { ca: readFileSync(rootCertificate, 'utf8') }),
  };
}
