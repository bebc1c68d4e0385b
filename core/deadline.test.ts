import { expect, it } from 'vitest';
import { passedDeadline } from './deadline.ts';

const daily = (timezone: string, delay?: '2 hours') => ({
  schedule: { cron: '0 0 * * *', timezone, ...(delay && { delay }) },
  deadline: '08:00',
  start: '2024-01-01T00:00:00Z',
});

it.each([
  ['UTC', '2024-03-02T07:59:59Z', '2024-03-01T00:00:00Z', '2024-03-01T08:00:00Z'],
  ['UTC', '2024-03-02T08:00:00Z', '2024-03-02T00:00:00Z', '2024-03-02T08:00:00Z'],
  ['America/New_York', '2024-03-10T12:30:00Z', '2024-03-10T05:00:00Z', '2024-03-10T12:00:00Z'], // clocks went ahead
  ['Pacific/Kiritimati', '2024-03-02T00:00:00Z', '2024-03-01T10:00:00Z', '2024-03-01T18:00:00Z'],
])('is of the interval that was due last before the clock showed it: %s, %s', (zone, now, end, at) => {
  expect(passedDeadline(daily(zone), new Date(now))).toMatchObject({ interval: { end }, at });
});

it('is of what was due by then: a delay past it leaves the interval to the next day', () => {
  const late = { ...daily('UTC', '2 hours'), deadline: '01:00' };
  expect(passedDeadline(late, new Date('2024-03-02T05:00:00Z'))).toMatchObject({
    interval: { end: '2024-03-01T00:00:00Z' },
    at: '2024-03-02T01:00:00Z',
  });
});

it('is none without one, without a schedule, and before the pipeline begins', () => {
  const now = new Date('2024-03-02T09:00:00Z');
  expect(passedDeadline({ ...daily('UTC'), deadline: undefined }, now)).toBeUndefined();
  expect(passedDeadline({ ...daily('UTC'), schedule: 'manual' }, now)).toBeUndefined();
  expect(passedDeadline({ ...daily('UTC'), start: '2024-03-02T00:00:00Z' }, now)).toBeUndefined();
});
