import { readFileSync } from 'node:fs';
import { checkServerIdentity, type ConnectionOptions } from 'node:tls';
import { messageOf, TerminalError } from '../../core/errors.ts';

/** How a connection to PostgreSQL is encrypted; the modes are libpq's. https://www.postgresql.org/docs/current/libpq-ssl.html */
export interface PostgresTls {
  readonly mode: 'require' | 'verify-ca' | 'verify-full';
  /** A PEM file with the authorities that sign the server's certificate; absent: those that Node knows. */
  readonly rootCertificate?: string;
}

/** Codes of Node: the server's certificate is not trusted, has run out, or is another host's. */
export const UNTRUSTED =
  /^(ERR_TLS_CERT_ALTNAME_INVALID|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|CERT_HAS_EXPIRED|CERT_NOT_YET_VALID|UNABLE_TO_(VERIFY_LEAF_SIGNATURE|GET_ISSUER_CERT(_LOCALLY)?))$/;

/** The same for `pg`. */
export function tlsOptions({ mode, rootCertificate }: PostgresTls, host: string): ConnectionOptions {
  if (mode === 'require') return { rejectUnauthorized: false };
  return {
    ...(rootCertificate !== undefined && { ca: textOf(rootCertificate) }),
    // Without being told, Node would hold the certificate of an address to `localhost`.
    checkServerIdentity: (_, certificate) =>
      mode === 'verify-ca' ? undefined : checkServerIdentity(host, certificate),
  };
}

/** The certificates that a server's must be signed by, one PEM text each; undefined where none are asked for, or no file is named. */
export function authoritiesOf({ mode, rootCertificate }: PostgresTls): readonly string[] | undefined {
  if (mode === 'require' || rootCertificate === undefined) return undefined;
  const found = textOf(rootCertificate).match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g);
  if (found) return found;
  throw new TerminalError(
    `The file '${rootCertificate}' holds no certificate. Name the PEM file with the server's authorities in 'rootCertificate' of the connection.`,
  );
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new TerminalError(
      `The certificates of the connection cannot be read: ${messageOf(cause)}. Correct 'rootCertificate' of the connection.`,
      { cause },
    );
  }
}
