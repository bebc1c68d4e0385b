import type { ControlDatabaseStack } from '../control-database/index.ts';
import type { IngestionStack } from '../ingestion/index.ts';
import type { OrchestrationStack } from '../orchestration/index.ts';
import type { ProcessingStack } from '../processing/index.ts';
import type { SourcesStack } from '../sources/index.ts';
import type { StorageStack } from '../storage/index.ts';
import type { WarehouseStack } from '../warehouse/index.ts';

export interface ObservabilityDependencies {
  readonly storage: StorageStack;
  readonly controlDatabase: ControlDatabaseStack;
  readonly sources: SourcesStack;
  readonly ingestion: IngestionStack;
  readonly processing: ProcessingStack;
  readonly warehouse: WarehouseStack;
  readonly orchestration: OrchestrationStack;
}
