import { dayOf, SECONDS_A_DAY } from '../calendar.ts';
import type { Random } from '../random.ts';

/** The first and the last day of the shop. */
const FIRST_DAY = dayOf('2016-09-04');
export const LAST_DAY = dayOf('2018-10-17');

/**
 * When order number `index` of `orders` was placed, in seconds. Days follow one another with the index; the
 * shop grows, weekends are quieter, late November is a rush. The first and last order are on the first and last day.
 */
export function purchaseSecond(random: Random, index: number, orders: number): number {
  const share = Math.floor((index * TOTAL + random.int(TOTAL)) / orders);
  const day = index === orders - 1 ? LAST_DAY : index === 0 ? FIRST_DAY : FIRST_DAY + dayAt(share);
  return day * SECONDS_A_DAY + timeOfDay(random);
}

/** A second of the day: few by night, most in the afternoon and evening. */
export function timeOfDay(random: Random): number {
  return random.weighted(HOURS) * 3600 + random.int(3600);
}

const HOURS = [24, 12, 5, 3, 2, 2, 5, 12, 30, 48, 62, 66, 60, 65, 66, 64, 67, 61, 58, 60, 62, 62, 58, 41].map(
  (weight, hour) => [hour, weight] as const,
);

/** Orders of an ordinary day, per month from 2016-09, in arbitrary units. */
const LEVELS = [
  2, 4, 5, 8, 26, 50, 65, 68, 85, 90, 100, 112, 118, 122, 170, 150, 185, 192, 200, 205, 203, 196, 200, 205,
  208, 210,
];
const WEEKDAYS = [80, 108, 110, 106, 102, 98, 74];
const RUSH = dayOf('2017-11-24');

/** `CUMULATIVE[n]`: the weight of all days up to and including the one numbered n. */
const CUMULATIVE = cumulative();
const TOTAL = CUMULATIVE.at(-1) ?? 0;

function cumulative(): number[] {
  const sums: number[] = [];
  let sum = 0;
  for (let day = FIRST_DAY; day <= LAST_DAY; day++) {
    const date = new Date(day * SECONDS_A_DAY * 1000);
    const month = (date.getUTCFullYear() - 2016) * 12 + date.getUTCMonth() - 8;
    sum += (LEVELS[month] ?? 0) * (WEEKDAYS[date.getUTCDay()] ?? 0) * (day === RUSH ? 6 : 1);
    sums.push(sum);
  }
  return sums;
}

/** The day on which this much of the whole weight is reached. */
function dayAt(share: number): number {
  let low = 0;
  let high = CUMULATIVE.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((CUMULATIVE[middle] ?? 0) > share) high = middle;
    else low = middle + 1;
  }
  return low;
}
