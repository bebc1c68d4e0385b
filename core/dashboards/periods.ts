import type { Grain } from './definition.ts';

/** Beyond them a date is a mistake (`0001-01-01`), and what lies between is not drawn. */
const MOST = 20_000;

/** Every period between the first and the last of those given, as a dimension names them (`2018-09`, `2018-Q3`); undefined where they are too many, or what is given is no such name. */
export function periodsBetween(first: string, last: string, grain: Grain): string[] | undefined {
  const [from, to] = [numberOf(first, grain), numberOf(last, grain)];
  if (Number.isNaN(to - from)) return undefined;
  const isNamed = [first, last].every((name, at) => nameOf(at ? to : from, grain) === name);
  if (!isNamed || to - from >= MOST) return undefined;
  return Array.from({ length: Math.max(0, to - from + 1) }, (_, at) => nameOf(from + at, grain));
}

const DAY = 86_400_000;

function numberOf(name: string, grain: Grain): number {
  if (grain === 'day') return Date.parse(`${name}T00:00:00Z`) / DAY;
  const [year = '', part = ''] = name.split(/-Q?/);
  if (grain === 'year') return Number(year);
  return Number(year) * PER_YEAR[grain] + Number(part) - 1;
}

function nameOf(number: number, grain: Grain): string {
  if (grain === 'day') return new Date(number * DAY).toISOString().slice(0, 10);
  if (grain === 'year') return String(number).padStart(4, '0');
  const year = String(Math.floor(number / PER_YEAR[grain])).padStart(4, '0');
  const part = (number % PER_YEAR[grain]) + 1;
  return grain === 'quarter' ? `${year}-Q${part}` : `${year}-${String(part).padStart(2, '0')}`;
}

const PER_YEAR = { quarter: 4, month: 12 } as const;
