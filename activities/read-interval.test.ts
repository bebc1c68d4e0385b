import { describe, expect, it } from 'vitest';
import { readInterval } from './read-interval.ts';

const run = { pipeline: 'p', interval: { start: '2018-10-17T12:00:00Z', end: '2018-10-17T13:00:00Z' } };
const window = { span: '180 days', since: '2016-09-01T00:00:00Z' } as const;

/** A warehouse in which the table's last load is that of an interval. */
function having(last?: { start: string; end: string }, present = true) {
  const load = last && { interval: last };
  return {
    lastLoad: () => Promise.resolve(load as never),
    present: () => Promise.resolve(new Set(present ? ['t'] : [])),
  };
}

describe('what a run reads of a table', () => {
  const read = (warehouse: ReturnType<typeof having>, of: object = { window }) =>
    readInterval(warehouse, run, { name: 't', ...of });
  const everything = { start: '2016-09-01T00:00:00Z', end: run.interval.end };

  it('is the interval, where there is no window', async () => {
    expect(await read(having(), {})).toEqual(run.interval);
  });

  it('is everything at first, and where the table is gone', async () => {
    expect(await read(having())).toEqual(everything);
    expect(await read(having(everything, false))).toEqual(everything);
  });

  it('is the span that ends with the interval from then on', async () => {
    const hourBefore = { start: '2018-04-20T12:00:00Z', end: '2018-10-17T12:00:00Z' };
    expect(await read(having(hourBefore))).toEqual({ start: '2018-04-20T13:00:00Z', end: run.interval.end });
  });

  it('is what was read, where it is run again', async () => {
    expect(await read(having(everything))).toEqual(everything);
  });

  it("never begins before the pipeline's start", async () => {
    const late = { ...window, since: '2018-10-01T00:00:00Z' };
    const other = { start: '2018-10-01T00:00:00Z', end: '2018-10-17T12:00:00Z' };
    expect(await read(having(other), { window: late })).toEqual({
      start: '2018-10-01T00:00:00Z',
      end: run.interval.end,
    });
  });
});
