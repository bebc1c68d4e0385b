import { z } from 'zod';
import { InvalidInput } from './errors.ts';

const MILLISECONDS = { second: 1000, minute: 60_000, hour: 3_600_000, day: 86_400_000, week: 604_800_000 };
type Unit = keyof typeof MILLISECONDS;

/** A span of elapsed time in words: `'15 minutes'`, `'1 day'`. A day is 24 hours here; calendar days are the cadence's. */
export type DurationText = `${number} ${Unit | `${Unit}s`}`;

const PATTERN = /^(\d+) (second|minute|hour|day|week)s?$/;

export function isDuration(text: string): text is DurationText {
  return PATTERN.test(text);
}

/** Reads a duration where one is written in a definition. */
export const duration = z.custom<DurationText>(
  (value) => typeof value === 'string' && isDuration(value),
  "must be a duration like '15 minutes', '2 hours' or '1 day'",
);

/** Milliseconds of a duration. @throws {InvalidInput} when the text is not `<whole number> <unit>` */
export function milliseconds(text: string): number {
  const match = PATTERN.exec(text);
  if (!match)
    throw new InvalidInput('A duration', [`'${text}' is not like '15 minutes', '2 hours' or '1 day'.`]);
  return Number(match[1]) * MILLISECONDS[match[2] as Unit];
}

/** The shortest exact wording of a number of milliseconds, for people: `'2 h 5 min'`, `'3.2 s'`, `'2 d'`. */
export function inWords(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  const minutes = Math.round(ms / 60_000);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return minutes % 60 ? `${hours} h ${minutes % 60} min` : `${hours} h`;
  return `${Math.floor(hours / 24)} d`;
}
