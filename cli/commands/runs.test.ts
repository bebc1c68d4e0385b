import { expect, it } from 'vitest';
import { warningLines } from './runs.ts';

it('tells what the steps of a run have warned of, and nothing of those that have not', () => {
  const steps = [
    { step: 'load', result: { rows: 3 } },
    { step: 'transform', result: { warnings: ['not_null_orders_id: 2 rows'] } },
    { step: 'check', result: { warnings: ['orders: read up to noon only', 'clicks: 3 rows are late'] } },
    { step: 'publish', result: null },
  ] as const;
  expect(warningLines(steps)).toEqual([
    '! transform: not_null_orders_id: 2 rows',
    '! check: orders: read up to noon only',
    '! check: clicks: 3 rows are late',
  ]);
});
