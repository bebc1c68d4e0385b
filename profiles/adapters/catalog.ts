import { z } from 'zod';
import type { Catalog } from '../../connectors/catalog/port.ts';
import type { Warehouse } from '../../connectors/warehouse/port.ts';
import { inS3, s3Of, type LakeSettings } from './lake.ts';

/** The Data Catalog of AWS Glue; the lake must be in S3. */
const glue = z.strictObject({
  type: z.literal('glue'),
  /** Begins the names of databases, so that environments of one account keep apart: `dev_`. */
  prefix: z
    .string()
    .regex(/^([a-z][a-z0-9_]*)?$/, 'must be in snake_case')
    .default(''),
});

/** Where datasets are read as tables, where the warehouse itself does not read files of the lake. */
export const catalog = z.discriminatedUnion('type', [glue]);
type CatalogSettings = z.infer<typeof catalog>;

/** Undefined where nothing reads datasets yet. */
export async function openCatalog(
  settings: CatalogSettings | undefined,
  warehouse: Warehouse,
  lake: LakeSettings,
): Promise<Catalog | undefined> {
  if (settings) return openGlue(settings, lake);
  const { DuckDbWarehouse } = await import('../../connectors/warehouse/duckdb/warehouse.ts');
  if (!(warehouse instanceof DuckDbWarehouse)) return undefined;
  const { DuckDbCatalog } = await import('../../connectors/catalog/duckdb/catalog.ts');
  return new DuckDbCatalog((doing, statements, signal) => warehouse.change(doing, statements, signal));
}

async function openGlue({ prefix }: CatalogSettings, lake: LakeSettings): Promise<Catalog> {
  const { GlueCatalog } = await import('../../connectors/catalog/glue/catalog.ts');
  const { Bucket } = await import('../../connectors/lake/s3/bucket.ts');
  const { bucket: name, pathStyle } = inS3(lake, 'a catalog of type glue');
  const bucket = new Bucket(await s3Of({ pathStyle }), name);
  return new GlueCatalog({ prefix, listed: (uri) => bucket.uris(uri) });
}
