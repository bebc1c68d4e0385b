import type { ControlDatabaseStack } from '../control-database/index.ts';
import type { IngestionStack } from '../ingestion/index.ts';
import type { NetworkStack } from '../network/index.ts';
import type { SourcesStack } from '../sources/index.ts';
import type { StorageStack } from '../storage/index.ts';
import type { WarehouseStack } from '../warehouse/index.ts';

export interface OrchestrationDependencies {
  readonly storage: StorageStack;
  readonly network: NetworkStack;
  readonly controlDatabase: ControlDatabaseStack;
  readonly sources: SourcesStack;
  readonly ingestion: IngestionStack;
  readonly warehouse: WarehouseStack;
}
