import { join } from 'node:path';
import { findExtension } from '../../connectors/duckdb/extension.ts';
import { z } from 'zod';
import type { ParquetVersion } from '../../connectors/duckdb/parquet-options.ts';
import type { Copied } from '../../connectors/warehouse/duckdb/copies.ts';
import type { Warehouse } from '../../connectors/warehouse/port.ts';
import { InvalidInput } from '../../core/errors.ts';
import type { RedshiftPlace } from '../../connectors/warehouse/redshift/api.ts';
import { database, port, text } from '../fields.ts';
import { inS3, s3Of, type LakeSettings } from './lake.ts';

const duckdb = z.strictObject({
  type: z.literal('duckdb'),
  file: text,
  /**
   * A PostgreSQL database that `sluice warehouse copy` keeps the marts in as well, for tools that keep open what they read. It is theirs
   * alone: schemas there are replaced.
   */
  readers: z.strictObject({ ...database, port: port.default(5432) }).optional(),
});

const redshift = z
  .strictObject({
    type: z.literal('redshift'),
    database: text,
    /** A serverless workgroup … */
    workgroup: z.exactOptional(text),
    /** … or a provisioned cluster, and the database user that the worker's role becomes there; absent: the role's own. */
    cluster: z.exactOptional(text),
    dbUser: z.exactOptional(text),
    /** Of the secret that the Data API signs in with; absent: the worker's own role. */
    secretArn: z.exactOptional(text),
    /** ARN of the role that COPY reads the lake as. */
    copyRole: text,
    /** How dbt signs in. */
    login: z.strictObject({
      host: text,
      port: port.default(5439),
      user: text,
      password: text,
      sslmode: z.exactOptional(text),
    }),
  })
  .superRefine(({ workgroup, cluster, dbUser, secretArn }, context) => {
    if ((workgroup === undefined) === (cluster === undefined))
      context.addIssue(`name either 'workgroup' (serverless) or 'cluster' (provisioned)`);
    if (dbUser !== undefined && cluster === undefined)
      context.addIssue(`'dbUser' goes with 'cluster'; a workgroup takes the worker's role, or 'secretArn'`);
    if (dbUser !== undefined && secretArn !== undefined)
      context.addIssue(`name either 'dbUser' or 'secretArn': both say who signs in`);
  });

export const warehouse = z.discriminatedUnion('type', [duckdb, redshift]);
export type WarehouseSettings = z.infer<typeof warehouse>;
type RedshiftSettings = z.infer<typeof redshift>;

export async function openWarehouse(settings: WarehouseSettings, lake: LakeSettings): Promise<Warehouse> {
  if (settings.type === 'redshift') return openRedshift(settings, lake);
  const { DuckDbWarehouse } = await import('../../connectors/warehouse/duckdb/warehouse.ts');
  const viewed = lake.type === 'folder' ? ['silver', 'gold'].map((layer) => join(lake.path, layer)) : [];
  return new DuckDbWarehouse({ file: settings.file, viewed });
}

/** Copies the marts of a pipeline. */
export type CopyMarts = (pipeline: string, signal: AbortSignal) => Promise<readonly Copied[]>;

/**
 * What copies marts to where tools read them.
 * @throws {InvalidInput} the warehouse can be read by any number of tools itself, or the profile does not say where to
 */
export async function openCopies(warehouse: WarehouseSettings, pythonHome: string): Promise<CopyMarts> {
  if (warehouse.type !== 'duckdb')
    throw new InvalidInput('The profile', [
      `its warehouse is of type ${warehouse.type}, which tools read as it is. Only a file of DuckDB is copied for them.`,
    ]);
  const { file, readers } = warehouse;
  if (!readers)
    throw new InvalidInput('The profile', [
      `'readers' of its warehouse is missing: the PostgreSQL database that marts are copied to.`,
    ]);
  const { ssl, ...address } = readers;
  const { DuckDbWarehouse } = await import('../../connectors/warehouse/duckdb/warehouse.ts');
  const to = {
    address: { ...address, ...(ssl && { ssl }) },
    extensionFile: findExtension('postgres_scanner', { pythonHome }),
  };
  const opened = new DuckDbWarehouse({ file });
  return (schema, signal) => opened.copyTo(to, schema, signal);
}

/** How the files must be encoded that it loads. */
export function readsParquet({ type }: WarehouseSettings): ParquetVersion {
  return type === 'duckdb' ? 'V2' : 'V1';
}

async function openRedshift(settings: RedshiftSettings, lake: LakeSettings): Promise<Warehouse> {
  const { RedshiftWarehouse } = await import('../../connectors/warehouse/redshift/warehouse.ts');
  const { redshiftDataClient } = await import('../../connectors/aws/clients.ts');
  const { copyRole, login } = settings;
  return new RedshiftWarehouse({
    data: redshiftDataClient(),
    s3: await s3Of({ pathStyle: inS3(lake, 'a warehouse of type redshift').pathStyle }),
    place: placeOf(settings),
    copyRole,
    login: () => Promise.resolve(login),
  });
}

function placeOf({ database, workgroup, cluster, dbUser, secretArn }: RedshiftSettings): RedshiftPlace {
  const place = { database, ...(secretArn === undefined ? {} : { secretArn }) };
  if (workgroup !== undefined) return { ...place, workgroup };
  return { ...place, cluster: cluster ?? '', ...(dbUser === undefined ? {} : { dbUser }) };
}
