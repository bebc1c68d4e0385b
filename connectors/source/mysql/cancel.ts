import type { Connection, RowDataPacket } from 'mysql2/promise';
import { connect, type MysqlAddress } from './session.ts';
import { literal } from './sql.ts';
import type { Stream } from './stream.ts';
import { thenCleanUp } from '../../../core/clean-up.ts';

/** Ends an extraction on both sides when its signal fires: the statement in DuckDB, and the sessions in MySQL. */
export class Cancellation {
  readonly #address: MysqlAddress;
  readonly #signal: AbortSignal;
  #client: Connection | undefined;
  #stream: Stream | undefined;
  #ended: Promise<void> = Promise.resolve();

  constructor(address: MysqlAddress, signal: AbortSignal) {
    this.#address = address;
    this.#signal = signal;
    signal.addEventListener('abort', this.#cancel, { once: true });
  }

  watchClient(client: Connection): void {
    this.#client = client;
    this.#signal.throwIfAborted();
  }

  watchStream(stream: Stream): void {
    this.#stream = stream;
    this.#signal.throwIfAborted();
  }

  /** Resolves when nothing is being cancelled any more. */
  async done(): Promise<void> {
    this.#signal.removeEventListener('abort', this.#cancel);
    await this.#ended;
  }

  readonly #cancel = (): void => {
    this.#stream?.interrupt();
    // A server that cannot be reached has ended the sessions itself, or will.
    this.#ended = end(this.#address, this.#client, this.#stream).catch(() => undefined);
  };
}

async function end(address: MysqlAddress, client?: Connection, stream?: Stream): Promise<void> {
  const killer = await connect(address);
  await thenCleanUp(
    async () => {
      const marked = stream ? `INFO LIKE ${literal(`%${stream.mark}%`)}` : 'FALSE';
      const [rows] = await killer.query<RowDataPacket[]>(
        `SELECT ID AS id FROM information_schema.PROCESSLIST WHERE ID <> CONNECTION_ID() AND (${marked} OR ID = ?)`,
        [client?.threadId ?? 0],
      );
      for (const { id } of rows) await killer.query('KILL ?', [Number(id)]).catch(() => undefined);
    },
    () => killer.end(),
  );
}
