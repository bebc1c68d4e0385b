import { CRON_FIELDS, cronNumbers } from './cron-field.ts';
import { messageOf } from './errors.ts';

/** A day on the calendar of a zone, counted from 1 January 1970. */
export type CalendarDay = number;

/** What a cron expression says, taken apart. */
export interface Cron {
  /** Minutes since midnight, ascending, at which it ticks on its days. */
  readonly minutes: readonly number[];
  /** It ticks in every hour there is, so it goes by the hours that pass and not by what they are called. */
  readonly hourly: boolean;
  readonly isDay: (day: CalendarDay) => boolean;
}

export const DAY_MS = 86_400_000;
export const MINUTE_MS = 60_000;

/** Days and years repeat after 28 years: every combination of a day of the week and a leap year is among these. */
export const CALENDAR_CYCLE = {
  from: Date.UTC(2001, 0, 1) / DAY_MS,
  to: Date.UTC(2029, 0, 1) / DAY_MS,
} as const;

/**
 * Reads the five fields of standard cron: numbers, `*`, ranges, lists, steps, names of months and days; 0 and 7 are Sunday.
 * Where both day fields are restricted, a day matches that either names; one that begins with a star, with a
 * step or without, is not restricted, and then both must name it, as crontab(5) has it.
 * @throws {Error} with a sentence that names the field and says what to write instead
 */
export function parseCron(text: string): Cron {
  const fields = text.trim().split(/\s+/);
  if (fields.length !== CRON_FIELDS.length) {
    throw new Error(
      `'${text}' must have five fields: minute, hour, day of the month, month, day of the week, like '0 2 * * *'`,
    );
  }
  const [minutes, hours, monthDays, months, weekDays] = fieldsOf(text, fields);
  const either = !fields[2]?.startsWith('*') && !fields[4]?.startsWith('*');
  const cron: Cron = {
    minutes: hours.flatMap((hour) => minutes.map((minute) => hour * 60 + minute)),
    hourly: hours.length === 24,
    isDay: (day) => {
      const date = new Date(day * DAY_MS);
      if (!months.includes(date.getUTCMonth() + 1)) return false;
      const inMonth = monthDays.includes(date.getUTCDate());
      const inWeek = weekDays.includes(date.getUTCDay());
      return either ? inMonth || inWeek : inMonth && inWeek;
    },
  };
  for (let day = CALENDAR_CYCLE.from; day < CALENDAR_CYCLE.to; day += 1) if (cron.isDay(day)) return cron;
  throw new Error(`'${text}' never ticks, as its months have no such day; correct the day or the month`);
}

type Fields = [number[], number[], number[], number[], number[]];

/** The numbers of each field. @throws {Error} with every field that does not hold */
function fieldsOf(text: string, fields: readonly string[]): Fields {
  const problems: string[] = [];
  const read = (index: 0 | 1 | 2 | 3 | 4) => {
    try {
      return cronNumbers(fields[index] ?? '', CRON_FIELDS[index]);
    } catch (error) {
      problems.push(messageOf(error));
      return [];
    }
  };
  const all: Fields = [read(0), read(1), read(2), read(3), read(4).map((day) => day % 7)];
  if (problems.length) throw new Error(`'${text}': ${problems.join('; ')}`);
  return all;
}
