import { inWords } from '../core/duration.ts';
import { intervalText, millisecondsOf, type DataInterval, type Instant } from '../core/interval.ts';

const DAY_MS = 86_400_000;

/** `1,234,567` */
export function count(value: number): string {
  return value.toLocaleString('en-US');
}

/** `1 run`, `1,200 runs` */
export function counted(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** As short as it can be told apart: `2018-08-01` for that day, `2018-08-01 05:00` for an hour; else both bounds. */
export function intervalLabel(interval: DataInterval): string {
  const { start, end } = interval;
  const length = millisecondsOf(end) - millisecondsOf(start);
  if (length === DAY_MS && start.endsWith('T00:00:00Z')) return start.slice(0, 10);
  if (length < DAY_MS) return minute(start).slice(0, -1);
  return intervalText(interval).replace('/', ' to ');
}

/** `2026-03-01 02:00Z` */
export function minute(instant: Instant): string {
  return `${instant.slice(0, 16).replace('T', ' ')}Z`;
}

/** How long ago, or how far ahead, of `now`: `3 h ago`, `in 2 h`. */
export function relative(instant: Instant, now: Date): string {
  const ms = now.getTime() - millisecondsOf(instant);
  if (Math.abs(ms) < 1_000) return 'now';
  return ms > 0 ? `${rounded(ms)} ago` : `in ${rounded(-ms)}`;
}

function rounded(ms: number): string {
  return ms < 60_000 ? `${Math.round(ms / 1_000)} s` : inWords(ms);
}

/** How long something took, or has been taking until `now`. */
export function took(
  { startedAt, finishedAt }: { readonly startedAt: string; readonly finishedAt: string | null },
  now: Date,
): string {
  return inWords(
    Math.max(
      0,
      (finishedAt === null ? now.getTime() : millisecondsOf(finishedAt)) - millisecondsOf(startedAt),
    ),
  );
}

/** Of a message of several lines, what fits in a list. */
export function firstLine(text: string, most = 200): string {
  const line = text.split('\n')[0] ?? '';
  if (line.length <= most) return line;
  // Whole characters, as people count them.
  const kept: string[] = [];
  for (const { segment } of new Intl.Segmenter('en', { granularity: 'grapheme' }).segment(line)) {
    if (kept.length === most) return `${kept.slice(0, -1).join('')}…`;
    kept.push(segment);
  }
  return line;
}
