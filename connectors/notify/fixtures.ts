import type { Notice } from '../../core/notices/notice.ts';

/** A step that waits for a person. */
export const QUESTION: Notice = {
  kind: 'approval',
  pipeline: 'shop',
  interval: { start: '2018-08-01T00:00:00Z', end: '2018-08-02T00:00:00Z' },
  runId: 'r-1',
  workflowId: 'shop-2018-08-02T00:00:00Z',
  step: 'release',
  question: 'Are the numbers right?',
};
