import type { MeasureDefinition } from '../../../core/dashboards/definition.ts';
import type { Amount } from '../../../core/dashboards/groups.ts';

type Sum = NonNullable<Amount>['sum'];

const SIGNS: Readonly<Record<string, string>> = { BRL: 'R$ ', USD: '$', EUR: '€' };

/** `R$ 1,234.50`, `12.5%`, `40 days`; a dash where there is no number. */
export function amountText(measure: MeasureDefinition, amount: Amount): string {
  if (!amount) return '–';
  return withUnit(measure, digitsOf(measure, amount));
}

/** A number for the edge of a chart: `1.2M`. */
export function short({ unit }: MeasureDefinition, value: number): string {
  const size = Math.abs(unit === '%' ? value * 100 : value);
  const [divisor, letter] =
    size >= 1e9 ? [1e9, 'B'] : size >= 1e6 ? [1e6, 'M'] : size >= 1e3 ? [1e3, 'k'] : [1, ''];
  const text = String(Number(((unit === '%' ? value * 100 : value) / divisor).toPrecision(3)));
  return `${SIGNS[unit ?? ''] ?? ''}${text}${letter}${unit === '%' ? '%' : ''}`;
}

/** What a value of a dimension is called. */
export function valueText(value: string | null): string {
  return value === null ? '(none)' : value === '' ? '(empty)' : value;
}

/** `review_score` is `Review score` where nobody says otherwise. */
export function labelOf(name: string, { label }: { readonly label?: string | undefined } = {}): string {
  const words = name.replaceAll('_', ' ');
  return label ?? words.charAt(0).toUpperCase() + words.slice(1);
}

/** `2018-09-04 00:00Z` */
export function moment(instant: string): string {
  return `${instant.slice(0, 16).replace('T', ' ')}Z`;
}

/** `1 row`, `1,200 rows` */
export function counted(value: number, one: string): string {
  return `${thousands(String(value))} ${one}${value === 1 ? '' : 's'}`;
}

function digitsOf({ unit, decimals }: MeasureDefinition, { sum, over }: NonNullable<Amount>): string {
  const byDefault = over ? (unit !== undefined && unit in SIGNS ? 2 : 1) : unit === '%' ? 1 : sum.scale;
  const shown = decimals ?? byDefault;
  return thousands(rounded(sum, over ?? { units: 1, scale: 0 }, shown, unit === '%' ? 2 : 0));
}

/** One sum over another, half away from nought, to so many digits behind the point; `shift` moves the point. */
function rounded(sum: Sum, over: Sum, digits: number, shift: number): string {
  const power = digits + shift + over.scale - sum.scale;
  const above = BigInt(sum.units) * 10n ** BigInt(Math.max(0, power));
  const below = BigInt(over.units) * 10n ** BigInt(Math.max(0, -power));
  const isNegative = above < 0n !== below < 0n && above !== 0n;
  const [size, by] = [above < 0n ? -above : above, below < 0n ? -below : below];
  const text = String((2n * size + by) / (2n * by)).padStart(digits + 1, '0');
  const cut = text.length - digits;
  return `${isNegative ? '-' : ''}${text.slice(0, cut)}${digits ? `.${text.slice(cut)}` : ''}`;
}

function withUnit({ unit }: MeasureDefinition, digits: string): string {
  if (unit === undefined) return digits;
  if (unit === '%') return `${digits}%`;
  const sign = SIGNS[unit];
  if (sign === undefined) return `${digits} ${unit}`;
  return digits.startsWith('-') ? `-${sign}${digits.slice(1)}` : sign + digits;
}

function thousands(digits: string): string {
  const [whole = '', rest] = digits.split('.');
  return whole.replace(/\B(?=(\d{3})+$)/g, ',') + (rest === undefined ? '' : `.${rest}`);
}
