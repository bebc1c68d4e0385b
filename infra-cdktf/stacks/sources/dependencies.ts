import type { ControlDatabaseStack } from '../control-database/index.ts';
import type { NetworkStack } from '../network/index.ts';
import type { StorageStack } from '../storage/index.ts';

export interface SourcesDependencies {
  readonly storage: StorageStack;
  readonly network: NetworkStack;
  readonly controlDatabase: ControlDatabaseStack;
}
