/** One of the five fields of a cron expression, and what may stand in it. */
export interface CronField {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  /** In the order of their numbers, from `min` on. */
  readonly names?: readonly string[];
}

export const CRON_FIELDS = [
  { name: 'minute', min: 0, max: 59 },
  { name: 'hour', min: 0, max: 23 },
  { name: 'day of the month', min: 1, max: 31 },
  {
    name: 'month',
    min: 1,
    max: 12,
    names: ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'],
  },
  // 0 and 7 are Sunday.
  { name: 'day of the week', min: 0, max: 7, names: ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'] },
] as const satisfies readonly CronField[];

const ITEM = /^(?:(\*)|(\d+|[a-z]{3})(?:-(\d+|[a-z]{3}))?)(?:\/(\d+))?$/i;

/**
 * The numbers that a field names, ascending: `*`, `5`, `1-5`, with a step behind a range or a star, and lists of these.
 * @throws {Error} with a sentence that names the field and says what to write instead
 */
export function cronNumbers(text: string, field: CronField): number[] {
  const found = new Set<number>();
  for (const item of text.split(',')) {
    const { first, last, step } = rangeOf(item, text, field);
    for (let value = first; value <= last; value += step) found.add(value);
  }
  return [...found].sort((a, b) => a - b);
}

function rangeOf(item: string, text: string, field: CronField) {
  const { name, min, max, names } = field;
  const refused = (why: string) => new Error(`the ${name} is '${text}', but ${why}`);
  const [, star, from, to, by] = ITEM.exec(item) ?? [];
  if (star === undefined && from === undefined)
    throw refused(
      `standard cron has only numbers, '*', ranges (1-5), lists (1,15) and steps (*/10)${names ? ', names (JAN, MON)' : ''}; write it with these`,
    );
  const number = (word: string) => {
    const named = names?.indexOf(word.toUpperCase()) ?? -1;
    const value = named < 0 ? Number(word) : named + min;
    if (value >= min && value <= max) return value;
    throw refused(
      `'${word}' is none; give ${min} to ${max}${names ? ` or ${names[0] ?? ''} to ${names.at(-1) ?? ''}` : ''}`,
    );
  };
  const first = from === undefined ? min : number(from);
  // A week has seven days, though the first of them has two numbers.
  const last = star
    ? Math.min(max, names ? min + names.length - 1 : max)
    : to === undefined
      ? first
      : number(to);
  if (first > last) throw refused(`the range ${item} runs backwards; write it as two, with a comma`);
  if (by === undefined) return { first, last, step: 1 };
  if (from !== undefined && to === undefined)
    throw refused(
      `a step needs a range, and cron programs read '${item}' in different ways; write ${from}-${max}/${by}`,
    );
  const step = Number(by);
  const size = last - first + 1;
  if (step < 1 || step > size)
    throw refused(
      `${item} steps out of its ${size === 1 ? 'one value' : `${size} values`}; give a step of 1 to ${size}`,
    );
  return { first, last, step };
}
