import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { RedshiftDatabase } from '../redshift-database/database.ts';
import { WireConnection } from './connection.ts';

/** Redshift's port for SQL clients, in front of the same database as the Data API: what dbt connects to. No TLS. */
export class WireServer {
  readonly #server: Server;
  readonly #clients = new Set<Socket>();

  private constructor(database: RedshiftDatabase) {
    this.#server = createServer((client) => {
      this.#clients.add(client);
      client.on('close', () => this.#clients.delete(client));
      new WireConnection(client, database);
    });
  }

  static async start(database: RedshiftDatabase, port = 0, host = '127.0.0.1'): Promise<WireServer> {
    const started = new WireServer(database);
    await new Promise<void>((resolve, reject) => {
      started.#server.once('error', reject);
      started.#server.listen(port, host, resolve);
    });
    return started;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    for (const client of this.#clients) client.destroy();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }
}
