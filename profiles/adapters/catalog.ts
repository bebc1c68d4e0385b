import type { Catalog } from '../../connectors/catalog/port.ts';
import type { Warehouse } from '../../connectors/warehouse/port.ts';

/** Where datasets are read as tables: in the warehouse itself, where that reads files of the lake; undefined where nothing does yet. */
export async function openCatalog(warehouse: Warehouse): Promise<Catalog | undefined> {
  const { DuckDbWarehouse } = await import('../../connectors/warehouse/duckdb/warehouse.ts');
  if (!(warehouse instanceof DuckDbWarehouse)) return undefined;
  const { DuckDbCatalog } = await import('../../connectors/catalog/duckdb/catalog.ts');
  return new DuckDbCatalog((doing, statements, signal) => warehouse.change(doing, statements, signal));
}
