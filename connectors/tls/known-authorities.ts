import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';

let file: string | undefined;

/** A PEM file with the authorities that Node trusts, for clients that read them from a file. Made once a process, and removed with it. */
export function knownAuthorities(): string {
  if (file !== undefined) return file;
  const more = process.env['NODE_EXTRA_CA_CERTS'];
  const folder = mkdtempSync(join(tmpdir(), 'sluice-authorities-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  file = join(folder, 'ca.pem');
  writeFileSync(file, [...rootCertificates, ...(more ? [readFileSync(more, 'utf8')] : [])].join('\n'));
  return file;
}
