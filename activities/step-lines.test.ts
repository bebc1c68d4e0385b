import { describe, expect, it } from 'vitest';
import { StepLines } from './step-lines.ts';

const AT = new Date('2026-03-01T12:30:05.678Z');

describe('the lines of a step', () => {
  it('are the last 200, each with its time', () => {
    const lines = new StepLines();
    for (let n = 1; n <= 1_000; n += 1) lines.take(`line ${n}`, AT);
    const news = lines.news();
    expect(news).toHaveLength(200);
    expect(news?.[0]).toBe('2026-03-01T12:30:05Z line 801');
    expect(news?.at(-1)).toBe('2026-03-01T12:30:05Z line 1000');
  });

  it('are cut where they are long, and are text to a database', () => {
    const lines = new StepLines();
    lines.take('x'.repeat(5_000), AT);
    lines.take('a\0b', AT);
    expect(lines.news()?.map((line) => line.length)).toEqual([21 + 1_000 + 2, 23]);
  });

  it('are news once', () => {
    const lines = new StepLines();
    expect(lines.news()).toBeUndefined();
    lines.take('one', AT);
    expect(lines.news()).toHaveLength(1);
    expect(lines.news()).toBeUndefined();
  });
});
