import type { App } from 'cdktf';
import type { Environment } from '../config/environment.ts';
import { AccountStack } from './account/index.ts';
import { AnalyticsStack } from './analytics/index.ts';
import { ControlDatabaseStack } from './control-database/index.ts';
import { IngestionStack } from './ingestion/index.ts';
import { NetworkStack } from './network/index.ts';
import { ObservabilityStack } from './observability/index.ts';
import { OrchestrationStack } from './orchestration/index.ts';
import { ProcessingStack } from './processing/index.ts';
import { SourcesStack } from './sources/index.ts';
import { StorageStack } from './storage/index.ts';
import { WarehouseStack } from './warehouse/index.ts';

/** The stacks of one environment, in the order they are deployed. */
export function environmentStacks(app: App, env: Environment, environments: readonly Environment[]): void {
  const storage = new StorageStack(app, env, environments);
  const network = new NetworkStack(app, env, { storage });
  const controlDatabase = new ControlDatabaseStack(app, env, { storage, network });
  const sources = new SourcesStack(app, env, { storage, network, controlDatabase });
  const ingestion = new IngestionStack(app, env, { storage, network, sources });
  const processing = new ProcessingStack(app, env, { storage, network });
  const warehouse = new WarehouseStack(app, env, { storage, network, controlDatabase, ingestion });
  new AnalyticsStack(app, env, { storage, network, controlDatabase });
  const orchestration = new OrchestrationStack(app, env, {
    storage,
    network,
    controlDatabase,
    sources,
    ingestion,
    warehouse,
  });
  new ObservabilityStack(app, env, {
    storage,
    controlDatabase,
    sources,
    ingestion,
    processing,
    warehouse,
    orchestration,
  });
}

/** One stack per account, with the roles of every environment in it. */
export function accountStacks(app: App, environments: readonly Environment[]): void {
  for (const owner of environments.filter((env) => env.ownsAccount)) {
    new AccountStack(
      app,
      owner,
      environments.filter((env) => env.account === owner.account),
    );
  }
}
