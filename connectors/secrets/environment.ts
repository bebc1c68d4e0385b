import type { Secrets } from './port.ts';

/** Environment variables: `${NAME}`. */
export class EnvironmentSecrets implements Secrets {
  readonly scheme = 'env';
  readonly #environment: Readonly<Record<string, string | undefined>>;

  constructor(environment: Readonly<Record<string, string | undefined>>) {
    this.#environment = environment;
  }

  read(name: string): Promise<string | undefined> {
    return Promise.resolve(this.#environment[name]);
  }
}
