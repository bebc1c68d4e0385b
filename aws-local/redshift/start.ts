import { DataServer, type DataServerOptions } from '../redshift-data/server.ts';
import { WireServer } from '../redshift-wire/server.ts';
import { RedshiftDatabase, type RedshiftDatabaseOptions } from '../redshift-database/database.ts';

export interface RedshiftOptions
  extends RedshiftDatabaseOptions, Omit<DataServerOptions, 'database' | 'port'> {
  /** Of the Data API; a free one where absent. */
  readonly dataPort?: number;
  /** Of SQL clients; a free one where absent. */
  readonly wirePort?: number;
}

export interface Redshift {
  readonly database: RedshiftDatabase;
  readonly data: DataServer;
  readonly wire: WireServer;
  stop(): Promise<void>;
}

/** Starts the stand-in for Redshift over a PostgreSQL that runs already. */
export async function startRedshift({ dataPort, wirePort, ...options }: RedshiftOptions): Promise<Redshift> {
  const database = new RedshiftDatabase(options);
  await database.install();
  const data = await DataServer.start({
    ...options,
    database,
    ...(dataPort === undefined ? {} : { port: dataPort }),
  });
  const wire = await WireServer.start(database, wirePort, options.host);
  return {
    database,
    data,
    wire,
    async stop() {
      await data.close();
      await wire.close();
      await database.close();
    },
  };
}
