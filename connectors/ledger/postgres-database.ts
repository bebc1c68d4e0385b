import pg from 'pg';
import { TerminalError, Unreachable, messageOf } from '../../core/errors.ts';
import { LoginRefused, withLogin, type Login, type Renew } from '../postgres/login.ts';
import { tlsOptions, type PostgresTls } from '../postgres/tls.ts';

export interface PostgresLedgerOptions {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: string;
  readonly ssl?: PostgresTls | undefined;
  /** Asked when the login is refused; absent: it is what it was at the start. */
  readonly renew?: Renew | undefined;
}

/** Runs one statement; `name` has the server keep its plan. */
export type Query = <Row extends pg.QueryResultRow>(
  text: string,
  values: readonly unknown[],
  name?: string,
) => Promise<Row[]>;

/** The ledger's database: its connections, and what its errors mean. */
export class LedgerDatabase {
  #pool: pg.Pool;
  #options: PostgresLedgerOptions;

  constructor(options: PostgresLedgerOptions) {
    this.#options = options;
    this.#pool = poolOf(options);
  }

  /** @throws {TerminalError} what the server understood and refused @throws {Unreachable} anything else */
  readonly query: Query = async <Row extends pg.QueryResultRow>(
    text: string,
    values: readonly unknown[],
    name?: string,
  ) => {
    const query = { text, values: [...values] };
    const named = name === undefined ? query : { ...query, name };
    return (await this.#signedIn(() => this.#pool.query<Row>(named))).rows;
  };

  /** Does `work` on one connection that is all its own. */
  async withClient<T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    const client = await this.#signedIn(() => this.#pool.connect());
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

  #signedIn<T>(work: () => Promise<T>): Promise<T> {
    const translated = () =>
      work().catch((error: unknown) => {
        throw this.#translate(error);
      });
    const take = ({ user, password }: Login) => {
      void this.#pool.end(); // when what is under way in it has ended
      this.#options = { ...this.#options, user, password };
      this.#pool = poolOf(this.#options);
    };
    return withLogin(translated, () => this.#options, this.#options.renew, take);
  }

  #translate(error: unknown): TerminalError | Unreachable {
    const place = `The ledger (database '${this.#options.database}' at ${this.#options.host}:${this.#options.port})`;
    const code = (error as { code?: string }).code ?? '';
    if (code === '28P01' || code === '28000') {
      return new LoginRefused(
        `${place} refused user '${this.#options.user}'. Correct 'ledger' in the profile.`,
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
    const message = `${place}: ${messageOf(error) || code}. Check that the server is up and reachable.`;
    return refused
      ? new TerminalError(message, { cause: error })
      : new Unreachable(message, { cause: error });
  }
}

function poolOf({ host, port, database, user, password, ssl }: PostgresLedgerOptions): pg.Pool {
  const pool = new pg.Pool({
    host,
    port,
    database,
    user,
    password,
    ssl: ssl && tlsOptions(ssl),
    max: 8,
    application_name: 'sluice-ledger',
    connectionTimeoutMillis: 5_000,
  });
  pool.on('error', () => undefined); // an idle connection that breaks is replaced at the next query
  return pool;
}
