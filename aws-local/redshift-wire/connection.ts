import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Socket } from 'node:net';
import pg from 'pg';
import type { RedshiftDatabase } from '../redshift-database/database.ts';
import { lateBindingViews } from '../redshift-database/views.ts';
import { errorResponse, Frames, message, startupOf } from './messages.ts';
import { rewrite } from './rewrite.ts';

const AUTHENTICATION_OK = 0;
const AUTHENTICATION_MD5 = 5; // redshift_connector does not speak SCRAM as PostgreSQL does

/** What Redshift says of itself when a connection starts. */
const STATUS: Readonly<Record<string, string>> = {
  server_version: '8.0.2',
  server_encoding: 'UTF8',
  client_encoding: 'UTF8',
  DateStyle: 'ISO, MDY',
  TimeZone: 'UTC',
  integer_datetimes: 'on',
  is_superuser: 'on',
};

/** One client: authenticates it, opens a connection to PostgreSQL for it, and rewrites the statements on their way. */
export class WireConnection {
  readonly #client: Socket;
  readonly #database: RedshiftDatabase;
  readonly #frames = new Frames();
  readonly #salt = randomBytes(4);
  #user = '';
  #state: 'startup' | 'password' | 'ready' = 'startup';
  #upstream: { readonly socket: Socket; readonly end: () => Promise<void> } | undefined;
  #working = Promise.resolve();

  constructor(client: Socket, database: RedshiftDatabase) {
    this.#client = client;
    this.#database = database;
    client.setNoDelay(true);
    client.on('data', (bytes: Buffer) => {
      this.#working = this.#working
        .then(() => this.#receive(bytes))
        .catch(() => {
          client.destroy();
        });
    });
    client.on('error', () => client.destroy());
    client.on('close', () => void this.#upstream?.end());
  }

  async #receive(bytes: Buffer): Promise<void> {
    this.#frames.push(bytes);
    for (;;) {
      if (this.#state === 'startup') {
        const first = this.#frames.first();
        if (!first) return;
        await this.#startup(first);
        continue;
      }
      const frame = this.#frames.next();
      if (!frame) return;
      if (this.#state === 'password') await this.#authenticate(frame.body);
      else this.#upstream?.socket.write(await this.#rewritten(frame));
    }
  }

  async #startup(body: Buffer): Promise<void> {
    const startup = startupOf(body);
    if (startup.kind === 'encryption') this.#client.write('N');
    else if (startup.kind === 'cancel') {
      await this.#database.cancel(startup.pid);
      this.#client.end();
    } else {
      this.#user = startup.parameters.get('user') ?? '';
      this.#state = 'password';
      this.#client.write(message('R', AUTHENTICATION_MD5, this.#salt));
    }
  }

  async #authenticate(body: Buffer): Promise<void> {
    const { user, password, ...rest } = this.#database.options.postgres;
    const md5 = (...parts: (string | Buffer)[]) =>
      parts
        .reduce<ReturnType<typeof createHash>>((hash, part) => hash.update(part), createHash('md5'))
        .digest('hex');
    const expected = Buffer.from(`md5${md5(md5(password, user), this.#salt)}\0`);
    if (this.#user !== user || body.length !== expected.length || !timingSafeEqual(body, expected)) {
      this.#client.end(errorResponse('28000', `password authentication failed for user "${this.#user}"`));
      return;
    }
    const upstream = new pg.Client({ user, password, ...rest, application_name: 'aws-local-redshift-wire' });
    await upstream.connect();
    await upstream.query(`SET default_transaction_isolation TO 'repeatable read'`);
    const { connection, processID } = upstream as unknown as {
      connection: { stream: Socket };
      processID: number;
    };
    const socket = connection.stream;
    // From here on the bytes are the client's: the driver has done its part, which was to log in.
    socket.removeAllListeners('data');
    socket.on('data', (bytes: Buffer) => this.#client.write(bytes));
    socket.on('close', () => this.#client.end());
    upstream.on('error', () => this.#client.end());
    this.#upstream = { socket, end: () => new Promise((resolve) => socket.end(() => resolve())) };
    this.#state = 'ready';
    const status = Object.entries({ ...STATUS, session_authorization: user });
    this.#client.write(
      Buffer.concat([
        message('R', AUTHENTICATION_OK),
        ...status.map(([name, value]) => message('S', name, value)),
        message('K', processID, 0),
        message('Z', Buffer.from('I')),
      ]),
    );
  }

  /** Parse and Query carry SQL; every other message goes on as it is. */
  async #rewritten({ type, body, raw }: { type: string; body: Buffer; raw: Buffer }): Promise<Buffer> {
    if (type !== 'P' && type !== 'Q') return raw;
    const start = type === 'P' ? body.indexOf(0) + 1 : 0;
    const end = body.indexOf(0, start);
    const sql = await rewrite(body.toString('utf8', start, end), (statement) =>
      lateBindingViews(this.#database.pool, statement),
    );
    return message(type, body.subarray(0, start), sql, body.subarray(end + 1));
  }
}
