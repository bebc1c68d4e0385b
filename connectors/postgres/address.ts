import { knownAuthorities } from '../tls/known-authorities.ts';
import type { PostgresTls } from './tls.ts';

/** Where a PostgreSQL database is and how to get in. */
export interface PostgresAddress {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: string;
  /** Absent: no encryption. `require` encrypts without looking at the certificate. */
  readonly ssl?: PostgresTls;
}

/** Sessions of ours. Those of sources only read: nobody waits for them. */
export const APPLICATION = 'sluice';

export const CONNECT_TIMEOUT = 15; // seconds

/**
 * The statements by which DuckDB, its extension `postgres` loaded, gets at a database under a name. The password is in a secret of that name.
 * @see https://duckdb.org/docs/stable/core_extensions/postgres
 */
export function secretStatement(name: string, address: PostgresAddress): string {
  const { host, port, database, user, password } = address;
  const fields = { HOST: host, PORT: String(port), DATABASE: database, USER: user, PASSWORD: password };
  const list = Object.entries(fields).map(([field, value]) => `${field} ${duckdbLiteral(value)}`);
  return `CREATE SECRET ${name} (TYPE postgres, ${list.join(', ')})`;
}

export function attachStatement(name: string, secret: string, address: PostgresAddress, more = ''): string {
  return `ATTACH ${duckdbLiteral(libpqOptions(address))} AS ${name} (TYPE postgres, SECRET ${secret}${more})`;
}

/** The same address for libpq, without the password. @see https://www.postgresql.org/docs/current/libpq-connect.html */
export function libpqOptions({ ssl }: PostgresAddress): string {
  const options = {
    client_encoding: 'UTF8',
    application_name: APPLICATION,
    connect_timeout: String(CONNECT_TIMEOUT),
    keepalives_idle: '60',
    sslmode: ssl?.mode ?? 'disable',
    ...(ssl && ssl.mode !== 'require' && { sslrootcert: ssl.rootCertificate ?? knownAuthorities() }),
  };
  return Object.entries(options)
    .map(([name, value]) => `${name}='${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`)
    .join(' ');
}

/** A string literal for DuckDB, in which a backslash is an ordinary character. */
function duckdbLiteral(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
