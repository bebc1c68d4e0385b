import { checkIdentifiers, type Credentials } from '../provision/request.ts';
import { redshiftHash } from '../provision/password.ts';

/** How a user, signed in, gives itself another password. */
export function changeOwnPassword({ engine, username }: Credentials, password: string): string {
  checkIdentifiers([username]);
  if (!/^\w+$/.test(password)) throw new Error(`the new password of ${username} is no letters and digits`);
  switch (engine) {
    case 'postgres':
      return `ALTER USER "${username}" PASSWORD '${password}'`;
    case 'redshift':
      return `ALTER USER "${username}" PASSWORD '${redshiftHash({ username, password })}'`;
    case 'mysql':
      return `ALTER USER USER() IDENTIFIED BY '${password}'`;
  }
}
