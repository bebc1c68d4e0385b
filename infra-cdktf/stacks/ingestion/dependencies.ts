import type { NetworkStack } from '../network/index.ts';
import type { SourcesStack } from '../sources/index.ts';
import type { StorageStack } from '../storage/index.ts';

export interface IngestionDependencies {
  readonly storage: StorageStack;
  readonly network: NetworkStack;
  readonly sources: SourcesStack;
}
