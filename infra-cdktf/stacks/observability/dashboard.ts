import { CloudwatchDashboard } from '@cdktf/provider-aws/lib/cloudwatch-dashboard/index.js';
import type { Construct } from 'constructs';
import type { Environment } from '../../config/environment.ts';
import { nameOf } from '../../names.ts';
import type { AlarmDefinition } from './alarm.ts';

const columns = 3;
const width = 8;
const height = 5;

/** A graph for every alarm, with its threshold drawn in. */
export function dashboard(scope: Construct, env: Environment, definitions: readonly AlarmDefinition[]): void {
  new CloudwatchDashboard(scope, 'dashboard', {
    dashboardName: nameOf(env, 'overview'),
    dashboardBody: JSON.stringify({
      widgets: definitions.map((definition, index) => widget(env, definition, index)),
    }),
  });
}

function widget(env: Environment, definition: AlarmDefinition, index: number): object {
  const dimensions = Object.entries(definition.dimensions).flat();
  return {
    type: 'metric',
    x: (index % columns) * width,
    y: Math.floor(index / columns) * height,
    width,
    height,
    properties: {
      title: definition.id,
      region: env.region,
      metrics: [[definition.namespace, definition.metric, ...dimensions]],
      stat: definition.statistic,
      period: definition.periodSeconds,
      annotations: { horizontal: [{ label: 'alarm', value: definition.threshold }] },
    },
  };
}
