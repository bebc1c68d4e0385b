import { BudgetsBudget } from '@cdktf/provider-aws/lib/budgets-budget/index.js';
import type { Construct } from 'constructs';
import type { Environment } from '../../config/environment.ts';
import { nameOf } from '../../names.ts';

/** Counts what carries the environment's tag; the tag has to be activated for billing once per account. */
export function budget(scope: Construct, env: Environment, topicArn: string): void {
  const notification = (notificationType: 'ACTUAL' | 'FORECASTED', threshold: number) => ({
    comparisonOperator: 'GREATER_THAN',
    notificationType,
    threshold,
    thresholdType: 'PERCENTAGE',
    subscriberSnsTopicArns: [topicArn],
  });
  new BudgetsBudget(scope, 'budget', {
    name: nameOf(env, 'monthly'),
    budgetType: 'COST',
    limitAmount: `${env.alerts.monthlyBudgetUsd}`,
    limitUnit: 'USD',
    timeUnit: 'MONTHLY',
    costFilter: [{ name: 'TagKeyValue', values: [`user:Environment$${env.name}`] }],
    notification: [notification('ACTUAL', 80), notification('FORECASTED', 100)],
  });
}
