import { CloudwatchMetricAlarm } from '@cdktf/provider-aws/lib/cloudwatch-metric-alarm/index.js';
import type { Construct } from 'constructs';
import type { Environment } from '../../config/environment.ts';
import { nameOf } from '../../names.ts';

export interface Metric {
  readonly namespace: string;
  readonly metric: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly statistic: 'Sum' | 'Average' | 'Maximum' | 'Minimum';
}

export interface AlarmDefinition extends Metric {
  readonly id: string;
  /** What is wrong and what to look at. */
  readonly description: string;
  readonly when: 'above' | 'below';
  readonly threshold: number;
  readonly periodSeconds: number;
  readonly periods: number;
  /** What silence means: all is well, or nothing runs any more. */
  readonly missing?: 'notBreaching' | 'breaching';
}

export function alarm(
  scope: Construct,
  env: Environment,
  topicArn: string,
  definition: AlarmDefinition,
): void {
  new CloudwatchMetricAlarm(scope, definition.id, {
    alarmName: nameOf(env, definition.id),
    alarmDescription: definition.description,
    namespace: definition.namespace,
    metricName: definition.metric,
    dimensions: { ...definition.dimensions },
    statistic: definition.statistic,
    comparisonOperator: definition.when === 'above' ? 'GreaterThanThreshold' : 'LessThanThreshold',
    threshold: definition.threshold,
    period: definition.periodSeconds,
    evaluationPeriods: definition.periods,
    treatMissingData: definition.missing ?? 'notBreaching',
    alarmActions: [topicArn],
    okActions: [topicArn],
  });
}
