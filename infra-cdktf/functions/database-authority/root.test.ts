import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { beforeAll, expect, it } from 'vitest';
import { authorityNamed } from './root.ts';

let bundle = '';
beforeAll(() => {
  const make = (name: string): string =>
    execFileSync(
      'openssl',
      [
        'req',
        '-x509',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:P-256',
        '-nodes',
        '-subj',
        `/CN=${name}`,
        '-keyout',
        '/dev/null',
      ],
      { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
    );
  bundle = ['Root CA RSA2048 G1', 'Root CA RSA4096 G1', 'Root CA ECC384 G1'].map(make).join('\n');
});

it('takes the one certificate of a bundle that signs the databases', () => {
  const chosen = authorityNamed(bundle, 'RSA2048 G1');
  expect(new X509Certificate(chosen).subject).toContain('Root CA RSA2048 G1');
  expect(chosen.match(/BEGIN CERTIFICATE/g)).toHaveLength(1);
});

it.each(['RSA1024', 'Root CA'])('refuses to guess: %s', (part) => {
  expect(() => authorityNamed(bundle, part)).toThrow(/holds \d authorities called/);
});
