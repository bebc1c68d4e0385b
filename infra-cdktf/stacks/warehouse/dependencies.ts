import type { ControlDatabaseStack } from '../control-database/index.ts';
import type { IngestionStack } from '../ingestion/index.ts';
import type { NetworkStack } from '../network/index.ts';
import type { StorageStack } from '../storage/index.ts';

export interface WarehouseDependencies {
  readonly storage: StorageStack;
  readonly network: NetworkStack;
  readonly controlDatabase: ControlDatabaseStack;
  readonly ingestion: IngestionStack;
}
