import { X509Certificate } from 'node:crypto';

const pem = /-----BEGIN CERTIFICATE-----[^]*?-----END CERTIFICATE-----/g;

/** The one authority of a bundle whose subject holds a text: DMS takes a single certificate. */
export function authorityNamed(bundle: string, part: string): string {
  const found = (bundle.match(pem) ?? []).filter((text) => new X509Certificate(text).subject.includes(part));
  const [only] = found;
  if (only === undefined || found.length > 1)
    throw new Error(`the bundle holds ${found.length} authorities called "${part}", not one`);
  return `${only}\n`;
}
