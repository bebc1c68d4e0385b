import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';

let known: string | undefined;

/**
 * A PEM file with the authorities that Node trusts, its own and those of `NODE_EXTRA_CA_CERTS`, for clients that read them from a file.
 * Made where there is none, be it that somebody has tidied up; removed with the process.
 */
export function knownAuthorities(): string {
  if (known !== undefined && existsSync(known)) return known;
  const folder = mkdtempSync(join(tmpdir(), 'sluice-authorities-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'ca.pem');
  writeFileSync(file, [...rootCertificates, ...extraAuthorities()].join('\n'));
  return (known = file);
}

/** As Node: a file that cannot be read adds nothing, which it has said when it began. */
function extraAuthorities(): string[] {
  const file = process.env['NODE_EXTRA_CA_CERTS'];
  try {
    return file ? [readFileSync(file, 'utf8')] : [];
  } catch {
    return [];
  }
}
