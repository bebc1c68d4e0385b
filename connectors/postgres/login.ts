import { TerminalError } from '../../core/errors.ts';

/** Who signs in, as it is now: passwords are rotated while a worker runs. */
export interface Login {
  readonly user: string;
  readonly password: string;
  /** Where the password comes from, for messages: `${file:/run/secrets/olist}`. Never the password. */
  readonly origin: string;
}

/** Reads it anew from where it comes from. */
export type Renew = () => Promise<Login>;

/** The server does not let this user in, or not with this password. */
export class LoginRefused extends TerminalError {
  override name = 'LoginRefused';
}

/**
 * Does `work`; where the login is refused, reads it again and, if it is another one, does the work once more with that.
 * @param used what `work` signs in with
 * @param take has the next `work` sign in with another login
 * @throws {LoginRefused} saying where the password comes from
 */
export async function withLogin<T>(
  work: () => Promise<T>,
  used: () => Pick<Login, 'user' | 'password'>,
  renew: Renew | undefined,
  take: (login: Login) => void,
): Promise<T> {
  const before = used();
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof LoginRefused) || !renew) throw error;
    const now = await renew();
    const said = `The password comes from ${now.origin}, which was read again just now`;
    if (now.user === before.user && now.password === before.password)
      throw new LoginRefused(`${error.message} ${said} and is the same.`);
    take(now);
    return await work().catch((again: unknown) => {
      throw again instanceof LoginRefused ? new LoginRefused(`${again.message} ${said}.`) : again;
    });
  }
}
