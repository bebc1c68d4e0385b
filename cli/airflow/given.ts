/** What an author wrote, in words. */
export function codeOf(value: unknown): string {
  const code = field(value, '$code');
  if (typeof code === 'string') return code;
  const seconds = secondsOf(value);
  if (seconds !== undefined && typeof value === 'object') return `timedelta(seconds=${seconds})`;
  const at = momentOf(value);
  return at ? `${at.wall}${at.zone === null ? '' : ` ${at.zone}`}` : JSON.stringify(value);
}

/** Whether some of it only running it tells. */
export function isMadeByCode(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return '$code' in value || Object.values(value).some(isMadeByCode);
}

/** A text as it is; undefined where it is none, or a template. */
export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && !isTemplate(value) ? value : undefined;
}

export function isTemplate(text: string): boolean {
  return /\{[{%#]/.test(text);
}

/** Of a timedelta, or of a number that means seconds. */
export function secondsOf(value: unknown): number | undefined {
  const seconds = typeof value === 'number' ? value : field(value, '$seconds');
  return typeof seconds === 'number' ? seconds : undefined;
}

export interface Moment {
  readonly wall: string;
  /** Null: that of the installation, UTC unless its settings say otherwise. */
  readonly zone: string | null;
}

export function momentOf(value: unknown): Moment | undefined {
  const wall = field(value, '$at');
  const zone = field(value, 'zone');
  return typeof wall === 'string' ? { wall, zone: typeof zone === 'string' ? zone : null } : undefined;
}

const UNITS = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
  ['second', 1],
] as const;

/** As a definition has it; undefined where it is less than a second, or has parts of one. */
export function durationText(seconds: number | undefined): string | undefined {
  if (seconds === undefined || !Number.isInteger(seconds) || seconds < 1) return undefined;
  const [unit, size] = UNITS.find(([, size]) => seconds % size === 0) ?? UNITS[3];
  const count = seconds / size;
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}

/** A name as definitions have them. */
export function snake(id: string): string {
  const name = id
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '');
  return /^[a-z]/.test(name) ? name : `t_${name}`;
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && name in value
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined;
}
