/** Wall-clock time without zone is counted in whole seconds, days in whole days, both since 1970-01-01. */
export const SECONDS_A_DAY = 86_400;

/** `2018-08-01` of a day. */
export function dayText(day: number): string {
  let text = DAY_TEXTS.get(day);
  if (text === undefined) {
    text = new Date(day * SECONDS_A_DAY * 1000).toISOString().slice(0, 10);
    DAY_TEXTS.set(day, text);
  }
  return text;
}

/** `2018-08-01 02:03:04` of a second. */
export function timestampText(second: number): string {
  const day = Math.floor(second / SECONDS_A_DAY);
  const time = second - day * SECONDS_A_DAY;
  const [hours, minutes, seconds] = [Math.floor(time / 3600), Math.floor(time / 60) % 60, time % 60];
  return `${dayText(day)} ${twoDigits(hours)}:${twoDigits(minutes)}:${twoDigits(seconds)}`;
}

/** The day of a text that starts like `2018-08-01`. The text must be a date. */
export function dayOf(text: string): number {
  return Date.parse(`${text.slice(0, 10)}T00:00:00Z`) / (SECONDS_A_DAY * 1000);
}

/** Formatting a day is slow, and a few hundred of them are asked for millions of times. */
const DAY_TEXTS = new Map<number, string>();

function twoDigits(value: number): string {
  return value < 10 ? `0${value}` : String(value);
}
