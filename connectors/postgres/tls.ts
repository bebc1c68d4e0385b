import { readFileSync } from 'node:fs';
import type { ConnectionOptions } from 'node:tls';

/** How a connection to PostgreSQL is encrypted; the modes are libpq's. https://www.postgresql.org/docs/current/libpq-ssl.html */
export interface PostgresTls {
  readonly mode: 'require' | 'verify-ca' | 'verify-full';
  /** A PEM file with the authorities that sign the server's certificate; absent: those that Node knows. */
  readonly rootCertificate?: string;
}

/** The same for `pg`. */
export function tlsOptions({ mode, rootCertificate }: PostgresTls): ConnectionOptions {
  if (mode === 'require') return { rejectUnauthorized: false };
  const ca = rootCertificate === undefined ? {} : { ca: readFileSync(rootCertificate, 'utf8') };
  return mode === 'verify-ca' ? { ...ca, checkServerIdentity: () => undefined } : ca;
}
