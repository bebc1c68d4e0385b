import { createHash, randomBytes } from 'node:crypto';
import type { Credentials } from './request.ts';

/** Letters, digits, and one of each kind that Redshift demands. */
export function newPassword(): string {
  return `Sl1${randomBytes(24).toString('hex')}`;
}

/** As Redshift stores it, for statements that others can read. */
export function redshiftHash({ username, password }: Pick<Credentials, 'username' | 'password'>): string {
  return `md5${createHash('md5').update(`${password}${username}`).digest('hex')}`;
}
