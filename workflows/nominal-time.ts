import { workflowInfo } from '@temporalio/workflow';
import { toInstant, type Instant } from '../core/interval.ts';
import { scheduledStartTime } from './search-attributes.ts';

/** When the schedule meant this execution to start; for a start by hand, when it was started. Never the clock of a retry. */
export function nominalTime(): Instant {
  const info = workflowInfo();
  return toInstant(info.typedSearchAttributes.get(scheduledStartTime) ?? info.startTime);
}
