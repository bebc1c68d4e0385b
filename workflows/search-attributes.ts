import { defineSearchAttributeKey, type SearchAttributePair } from '@temporalio/common';
import type { Instant } from '../core/interval.ts';

const pipeline = defineSearchAttributeKey('Pipeline', 'KEYWORD');
const intervalStart = defineSearchAttributeKey('DataIntervalStart', 'DATETIME');
const intervalEnd = defineSearchAttributeKey('DataIntervalEnd', 'DATETIME');
const runKind = defineSearchAttributeKey('RunKind', 'KEYWORD');
const outcome = defineSearchAttributeKey('Outcome', 'KEYWORD');
const backfillId = defineSearchAttributeKey('BackfillId', 'KEYWORD');
const codeVersion = defineSearchAttributeKey('CodeVersion', 'KEYWORD');

/** When the schedule meant a run to start; Temporal sets it. */
export const scheduledStartTime = defineSearchAttributeKey('TemporalScheduledStartTime', 'DATETIME');

export interface Searchable {
  readonly pipeline?: string;
  readonly interval?: { readonly start: Instant; readonly end: Instant };
  readonly kind?: string;
  readonly outcome?: string;
  readonly backfillId?: string | undefined;
  readonly codeVersion?: string;
}

/** The search attributes of a run, as `upsertSearchAttributes` and `startWorkflow` take them. */
export function searchAttributes(values: Searchable): SearchAttributePair[] {
  const pairs: SearchAttributePair[] = [];
  if (values.pipeline !== undefined) pairs.push({ key: pipeline, value: values.pipeline });
  if (values.interval) {
    pairs.push({ key: intervalStart, value: new Date(values.interval.start) });
    pairs.push({ key: intervalEnd, value: new Date(values.interval.end) });
  }
  if (values.kind !== undefined) pairs.push({ key: runKind, value: values.kind });
  if (values.outcome !== undefined) pairs.push({ key: outcome, value: values.outcome });
  if (values.backfillId !== undefined) pairs.push({ key: backfillId, value: values.backfillId });
  if (values.codeVersion !== undefined) pairs.push({ key: codeVersion, value: values.codeVersion });
  return pairs;
}
