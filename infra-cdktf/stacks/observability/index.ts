import type { App } from 'cdktf';
import { SluiceStack } from '../../app.ts';
import type { Environment } from '../../config/environment.ts';
import type { ControlDatabaseStack } from '../control-database/index.ts';
import type { IngestionStack } from '../ingestion/index.ts';
import type { OrchestrationStack } from '../orchestration/index.ts';
import type { SourcesStack } from '../sources/index.ts';
import type { StorageStack } from '../storage/index.ts';
import type { WarehouseStack } from '../warehouse/index.ts';
import { alarm } from './alarm.ts';
import { alarms } from './alarms.ts';
import { budget } from './budget.ts';
import { dashboard } from './dashboard.ts';
import { failureEvents } from './failure-events.ts';

export interface ObservabilityDependencies {
  readonly storage: StorageStack;
  readonly controlDatabase: ControlDatabaseStack;
  readonly sources: SourcesStack;
  readonly ingestion: IngestionStack;
  readonly warehouse: WarehouseStack;
  readonly orchestration: OrchestrationStack;
}

/** What wakes somebody up, and where they look first. */
export class ObservabilityStack extends SluiceStack {
  constructor(app: App, env: Environment, stacks: ObservabilityDependencies) {
    super(app, env, 'observability');
    const topicArn = stacks.storage.alerts.arn;
    const definitions = alarms(env, stacks);
    for (const definition of definitions) alarm(this, env, topicArn, definition);
    failureEvents(this, env, topicArn);
    budget(this, env, topicArn);
    dashboard(this, env, definitions);
  }
}
