import pg from 'pg';
import { LoginRefused, PipelineError, TerminalError, Unreachable, messageOf } from '../../../core/errors.ts';
import { tlsOptions, UNTRUSTED, type PostgresTls } from '../../postgres/tls.ts';

export interface LedgerDatabaseOptions {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: string;
  /** Asked where the password is refused: it may have been changed since. */
  readonly newPassword?: () => Promise<string>;
  readonly ssl?: PostgresTls | undefined;
}

/** Runs one statement; `name` has the server keep its plan. */
export type Query = <Row extends pg.QueryResultRow>(
  text: string,
  values: readonly unknown[],
  name?: string,
) => Promise<Row[]>;

/** The ledger's database: its connections, and what its errors mean. */
export class LedgerDatabase {
  readonly #pool: pg.Pool;
  readonly #options: LedgerDatabaseOptions;
  #password: string;
  #hasWorked = false;
  #renewing: Promise<string> | undefined;

  constructor({ newPassword, ...options }: LedgerDatabaseOptions) {
    this.#options = { ...options, ...(newPassword && { newPassword }) };
    this.#password = options.password;
    this.#pool = new pg.Pool({
      ...options,
      password: () => this.#password,
      ssl: options.ssl && tlsOptions(options.ssl, options.host),
      max: 8,
      application_name: 'sluice-ledger',
      connectionTimeoutMillis: 5_000,
    });
    this.#pool.on('error', () => undefined); // an idle connection that breaks is replaced at the next query
  }

  /** @throws {TerminalError} what the server understood and refused @throws {Unreachable} anything else */
  readonly query: Query = async <Row extends pg.QueryResultRow>(
    text: string,
    values: readonly unknown[],
    name?: string,
  ) => {
    const query = { text, values: [...values] };
    const { rows } = await this.#letIn(() =>
      this.#pool.query<Row>(name === undefined ? query : { ...query, name }),
    );
    return rows;
  };

  /** Does what may need a new connection, once more where the password was another by then. */
  async #letIn<T>(work: () => Promise<T>): Promise<T> {
    const used = this.#password;
    try {
      const done = await work().catch(async (error: unknown) => {
        const failure = this.#translate(error);
        if (!(failure instanceof LoginRefused)) throw failure;
        if (this.#password === used) await this.#renew(failure);
        if (this.#password === used) throw failure;
        return work();
      });
      this.#hasWorked = true;
      return done;
    } catch (error) {
      const failure = error instanceof PipelineError ? error : this.#translate(error);
      // A password where one has worked is being rotated, whichever of the two is changed first: that passes.
      if (failure instanceof LoginRefused && this.#hasWorked)
        throw new Unreachable(failure.message, { cause: failure });
      throw failure;
    }
  }

  /** One look for all who were refused at the same time. */
  async #renew(refusal: LoginRefused): Promise<void> {
    this.#renewing ??= (this.#options.newPassword?.() ?? Promise.resolve(this.#password)).finally(
      () => (this.#renewing = undefined),
    );
    try {
      this.#password = await this.#renewing;
    } catch (error) {
      throw new Unreachable(`${refusal.message} The profile could not be read again: ${messageOf(error)}`, {
        cause: error,
      });
    }
  }

  /** Does `work` on one connection that is all its own. */
  async withClient<T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    const client = await this.#letIn(() => this.#pool.connect());
    try {
      return await work(client);
    } catch (error) {
      throw this.#translate(error);
    } finally {
      client.release();
    }
  }

  /** All of `work`, or nothing of it. */
  async transaction<T>(work: (query: Query) => Promise<T>): Promise<T> {
    return this.withClient(async (client) => {
      try {
        await client.query('BEGIN');
        const done = await work(
          async <Row extends pg.QueryResultRow>(text: string, values: readonly unknown[]) =>
            (await client.query<Row>(text, [...values])).rows,
        );
        await client.query('COMMIT');
        return done;
      } catch (error) {
        await client.query('ROLLBACK').catch(() => undefined);
        throw error;
      }
    });
  }

  async close(): Promise<void> {
    await this.#pool.end();
  }

  #translate(error: unknown): TerminalError | Unreachable {
    const place = `The ledger (database '${this.#options.database}' at ${this.#options.host}:${this.#options.port})`;
    const code = (error as { code?: string }).code ?? '';
    if (code === '28P01' || code === '28000') {
      return new LoginRefused(
        `${place} refused user '${this.#options.user}'. Correct 'ledger' in the profile. (A password from an environment variable is read once: restart what has it.)`,
        { cause: error },
      );
    }
    if (code === '3D000')
      return new TerminalError(`${place} does not exist. Create it, then start again.`, { cause: error });
    if (code === '42P01') {
      return new TerminalError(`${place} has no tables yet. Run 'sluice deploy' to set it up.`, {
        cause: error,
      });
    }
    // An UPDATE or INSERT that the server understood and refused is a defect of ours; anything else is the connection.
    const refused = /^(22|23|42)/.test(code);
    // One that has run out is replaced on the server, and nothing is lost meanwhile: waited for, too.
    const advice = UNTRUSTED.test(code)
      ? `Correct 'ssl' or 'host' of 'ledger' in the profile, or the server's certificate: it is not trusted, has run out, or is another host's.`
      : 'Check that the server is up and reachable.';
    const message = `${place}: ${messageOf(error) || code}. ${advice}`;
    return refused
      ? new TerminalError(message, { cause: error })
      : new Unreachable(message, { cause: error });
  }
}
