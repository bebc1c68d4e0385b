import { CronExpressionParser } from 'cron-parser';
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

const PLAIN = /^[\d*,/-]+$/;
const NAMED = /^(?:[\d*,/-]|[a-z]{3}(?![a-z]))+$/i;
const FIELDS = [
  { name: 'minute', allows: PLAIN },
  { name: 'hour', allows: PLAIN },
  { name: 'day of the month', allows: PLAIN },
  { name: 'month', allows: NAMED },
  { name: 'day of the week', allows: NAMED },
] as const;

/**
 * Reads the five fields of standard cron: numbers, `*`, ranges, lists, steps, names of months and days; 0 and 7 are Sunday.
 * Where both day fields are restricted, a day matches that either names.
 * @throws {Error} with a sentence that says what to write instead
 */
export function parseCron(text: string): Cron {
  const fields = text.trim().split(/\s+/);
  if (fields.length !== FIELDS.length) {
    throw new Error(
      `'${text}' must have five fields: minute, hour, day of the month, month, day of the week, like '0 2 * * *'`,
    );
  }
  FIELDS.forEach(({ name, allows }, index) => {
    const field = fields[index] ?? '';
    if (!allows.test(field)) {
      throw new Error(
        `'${text}': the ${name} is '${field}', but standard cron has only numbers, '*', ranges (1-5), lists (1,15) and steps (*/10)` +
          (allows === NAMED ? ', names (JAN, MON)' : '') +
          `; write it with these`,
      );
    }
  });
  const parsed = parseFields(text, fields.join(' '));
  const hours = numbers(parsed.hour.values);
  const minutes = numbers(parsed.minute.values);
  const months = new Set(numbers(parsed.month.values));
  const monthDays = new Set(numbers(parsed.dayOfMonth.values));
  const weekDays = new Set(numbers(parsed.dayOfWeek.values).map((day) => day % 7));
  const [, , monthDay, , weekDay] = fields;
  const either = monthDay !== '*' && weekDay !== '*';
  const cron: Cron = {
    minutes: hours.flatMap((hour) => minutes.map((minute) => hour * 60 + minute)),
    hourly: hours.length === 24,
    isDay: (day) => {
      const date = new Date(day * DAY_MS);
      if (!months.has(date.getUTCMonth() + 1)) return false;
      const inMonth = monthDays.has(date.getUTCDate());
      const inWeek = weekDays.has(date.getUTCDay());
      return either ? inMonth || inWeek : inMonth && inWeek;
    },
  };
  for (let day = CALENDAR_CYCLE.from; day < CALENDAR_CYCLE.to; day += 1) if (cron.isDay(day)) return cron;
  throw neverTicks(text);
}

function neverTicks(text: string): Error {
  return new Error(`'${text}' never ticks, as its months have no such day; correct the day or the month`);
}

function parseFields(text: string, fields: string) {
  try {
    return CronExpressionParser.parse(fields).fields;
  } catch (error) {
    if (/explicit day of month/.test(messageOf(error))) throw neverTicks(text);
    throw new Error(`'${text}': ${messageOf(error)}`, { cause: error });
  }
}

function numbers(values: readonly (number | string)[]): number[] {
  return [...new Set(values.map(Number))].sort((a, b) => a - b);
}
