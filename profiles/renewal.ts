import type { Login } from '../connectors/postgres/login.ts';
import type { Secrets } from '../connectors/secrets/port.ts';
import type { Profile } from './profile.ts';
import { readProfile, referenceOf } from './read.ts';

/** Reads logins of a profile anew, past what any store has kept. */
export class Renewal {
  readonly #name: string;
  readonly #stores: () => readonly Secrets[];

  /** @param stores opened anew for each reading */
  constructor(name: string, stores: () => readonly Secrets[]) {
    this.#name = name;
    this.#stores = stores;
  }

  profile(): Promise<Profile> {
    return readProfile(this.#name, this.#stores());
  }

  ledger = async (): Promise<Login> => this.#login((await this.profile()).ledger, ['ledger']);

  connection = (name: string) => async (): Promise<Login> => {
    const settings = (await this.profile()).connections[name];
    return this.#login(settings ?? { user: '', password: '' }, ['connections', name]);
  };

  async #login({ user, password }: Omit<Login, 'origin'>, path: readonly string[]): Promise<Login> {
    return { user, password, origin: await referenceOf(this.#name, [...path, 'password']) };
  }
}
