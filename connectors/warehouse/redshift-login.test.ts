import { expect, it } from 'vitest';
import { loginFromSecret } from './redshift-login.ts';

it('reads the secret of a Redshift user; the profile goes first', () => {
  const secret = JSON.stringify({
    username: 'dbt',
    password: 'p',
    host: 'h',
    port: '5440',
    engine: 'redshift',
  });
  expect(loginFromSecret('s', secret)).toEqual({ host: 'h', port: 5440, user: 'dbt', password: 'p' });
  expect(loginFromSecret('s', secret, { host: 'other', port: 1, sslmode: 'disable' })).toEqual({
    host: 'other',
    port: 1,
    user: 'dbt',
    password: 'p',
    sslmode: 'disable',
  });
});

it('names the secret and what it lacks, and never what is in it', () => {
  expect(() => loginFromSecret('s', 'hunter22')).toThrow(/^(?!.*hunter22).*'s' is no JSON/);
  expect(() => loginFromSecret('s', '{"password": "hunter22"}')).toThrow(
    /^(?!.*hunter22).*'s' lacks username/,
  );
  expect(() => loginFromSecret('s', '{"username": "u", "password": "hunter22"}')).toThrow(
    /^(?!.*hunter22).*no host/,
  );
});
