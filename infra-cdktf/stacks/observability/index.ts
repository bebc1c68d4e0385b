import type { App } from 'cdktf';
import { SluiceStack } from '../../app.ts';
import type { Environment } from '../../config/environment.ts';
import type { ObservabilityDependencies } from './dependencies.ts';
import { alarm } from './alarm.ts';
import { alarms } from './alarms.ts';
import { budget } from './budget.ts';
import { dashboard } from './dashboard.ts';
import { failureEvents } from './failure-events.ts';

/** What wakes somebody up, and where they look first. */
export class ObservabilityStack extends SluiceStack {
  constructor(app: App, env: Environment, stacks: ObservabilityDependencies) {
    super(app, env, 'observability');
    const topicArn = stacks.storage.alerts.arn;
    const definitions = alarms(env, stacks);
    for (const definition of definitions) alarm(this, env, topicArn, definition);
    failureEvents(this, env, stacks, topicArn);
    budget(this, env, topicArn);
    dashboard(this, env, definitions);
  }
}
