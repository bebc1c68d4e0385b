import pg from 'pg';
import type { CopyRoles } from './load.ts';
import { Session } from './session.ts';
import { SETTINGS, SHIMS } from './shims.ts';
import { openStore, type S3Options } from './store.ts';

export interface DatabaseOptions {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  /** A superuser: the shims change settings of the database. */
  readonly user: string;
  readonly password: string;
}

export interface RedshiftDatabaseOptions {
  readonly postgres: DatabaseOptions;
  /** Where COPY reads from. */
  readonly s3?: S3Options;
  /** The roles that may be named in IAM_ROLE; any where absent. */
  readonly copyRoles?: CopyRoles;
}

/** A PostgreSQL database (15 or newer) that is read and written as Redshift. */
export class RedshiftDatabase {
  readonly options: RedshiftDatabaseOptions;
  readonly pool: pg.Pool;
  readonly #store: ReturnType<typeof openStore>;

  constructor(options: RedshiftDatabaseOptions) {
    this.options = options;
    this.#store = openStore(options.s3);
    this.pool = new pg.Pool({ ...options.postgres, max: 24, application_name: 'aws-local-redshift' });
    this.pool.on('error', () => undefined); // an idle connection that breaks is replaced at the next use
  }

  /** Makes the database look like Redshift. May be called again. */
  async install(): Promise<void> {
    const client = new pg.Client({ ...this.options.postgres });
    await client.connect();
    try {
      await client.query(SHIMS);
      for (const [name, value] of Object.entries(SETTINGS)) {
        const setting = name === 'search_path' ? value : `'${value}'`;
        await client.query(`ALTER DATABASE "${this.options.postgres.database}" SET ${name} TO ${setting}`);
      }
    } finally {
      await client.end();
    }
  }

  /** Runs `use` on a connection of its own, which ends afterwards: temporary tables are gone with it, as in the Data API. */
  async session<T>(use: (session: Session) => Promise<T>): Promise<T> {
    const client = await this.pool.connect();
    client.on('error', () => undefined);
    try {
      return await use(
        new Session(client, { store: this.#store, roles: this.options.copyRoles, pool: this.pool }),
      );
    } finally {
      client.release(true);
    }
  }

  async cancel(pid: number): Promise<void> {
    await this.pool.query('SELECT pg_cancel_backend($1)', [pid]);
  }

  async close(): Promise<void> {
    await this.pool.end();
    this.#store.destroy();
  }
}
