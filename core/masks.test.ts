import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inStrings, masker } from './masks.ts';

const secret = fc.string({ unit: 'grapheme', minLength: 6 }).filter((text) => text.trim().length > 5);

describe('a mask', () => {
  it('covers a secret in every form that text gives it', () => {
    fc.assert(
      fc.property(secret, (password) => {
        const address = new URL('postgres://host/database');
        [address.username, address.password] = ['sluice', password];
        const forms = [
          password,
          encodeURIComponent(password),
          encodeURIComponent(password).replaceAll(/%../g, (byte) => byte.toLowerCase()),
          new URLSearchParams({ p: password }).toString().slice(2),
          address.password,
          encodeURIComponent(password).replaceAll('%2F', '/'),
          JSON.stringify(password).slice(1, -1),
          `password='${password.replaceAll("'", "''")}'`,
        ];
        const masked = masker([password]);
        for (const form of forms) expect(masked(`before ${form} after`)).not.toContain(form);
        expect(masked(address.href)).toBe('postgres://sluice:***@host/database');
      }),
    );
  });

  it('covers the longer of two secrets whole, and a line of one with several', () => {
    expect(masker(['abc', 'abcdef'])('x abcdef y abc')).toBe('x *** y ***');
    expect(masker(['-----KEY-----\nMIIEvAIBADANBg\nx'])('line: MIIEvAIBADANBg')).toBe('line: ***');
    expect(masker(['', 'p%ss/w@rd'])('postgres://u:p%25ss%2Fw%40rd@h and p%25ss%2fw%40rd')).toBe(
      'postgres://u:***@h and ***',
    );
  });

  it('covers a secret within what is encoded in base64, wherever it begins', () => {
    for (const before of ['', 'u', 'us', 'user:', 'anna:'])
      for (const behind of ['', '!', '??']) {
        const encoded = Buffer.from(`${before}s3cr3t-Tok"en/+val ue${behind}`);
        const masked = masker(['s3cr3t-Tok"en/+val ue']);
        for (const text of [encoded.toString('base64'), encoded.toString('base64url')])
          expect(masked(`Basic ${text}`)).toMatch(/^Basic .{0,8}\*\*\*.{0,8}$/);
      }
  });

  it('leaves alone what is no secret', () => {
    expect(masker(['topsecret'])('top secret')).toBe('top secret');
    expect(masker([])('anything')).toBe('anything');
  });

  it('reaches every string of a value, and leaves the rest what it is', () => {
    const value = { 'abc-key': ['xabcx', 7, null, true, { deep: 'abc' }] };
    expect(inStrings(value, masker(['abc']))).toEqual({
      '***-key': ['x***x', 7, null, true, { deep: '***' }],
    });
  });
});
