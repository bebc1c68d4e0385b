import { z } from 'zod';
import { hint } from './hint.ts';

interface Declared {
  /** What it is for, in a sentence. */
  readonly description?: string;
  /** A run without it is refused. Only of pipelines without schedule, whose runs somebody starts. */
  readonly required?: boolean;
}

/** What a run may be given. Tasks and models get values as text; those that are not given have their default, or are absent. */
export type ParamDefinition =
  /** `min` and `max` are of its length, as `text.length` has it. */
  | (Declared & {
      readonly type: 'string';
      readonly default?: string;
      readonly enum?: readonly string[];
      readonly min?: number;
      readonly max?: number;
    })
  /** `min` and `max` are of its value. */
  | (Declared & {
      readonly type: 'integer' | 'number';
      readonly default?: number;
      readonly enum?: readonly number[];
      readonly min?: number;
      readonly max?: number;
    })
  /** `true` or `false`. */
  | (Declared & { readonly type: 'boolean'; readonly default?: boolean })
  /** Days as `2018-08-01`. */
  | (Declared & {
      readonly type: 'date';
      readonly default?: string;
      readonly min?: string;
      readonly max?: string;
    });

/** Why a text is no name of a parameter; undefined where it is one. Models write them as variables. */
export function nameProblem(name: string): string | undefined {
  return /^[A-Za-z_]\w*$/.test(name)
    ? undefined
    : `${JSON.stringify(name)} is no name for a variable; take letters, digits and _`;
}

/** Names that differ in case alone, which models would mix up. */
export function twins(names: readonly string[]): readonly (readonly [string, string])[] {
  const seen = new Map<string, string>();
  return names.flatMap((name) => {
    const twin = seen.get(name.toLowerCase());
    seen.set(name.toLowerCase(), name);
    return twin === undefined ? [] : [[twin, name] as const];
  });
}

const words = z.string().max(1_000);
const declared = {
  description: z.exactOptional(words.min(1)),
  required: z.exactOptional(z.boolean()),
};
const numbers = {
  ...declared,
  default: z.exactOptional(z.number()),
  enum: z.exactOptional(z.array(z.number()).min(1)),
  min: z.exactOptional(z.number()),
  max: z.exactOptional(z.number()),
};
const length = z.exactOptional(z.int().nonnegative());
const day = z.exactOptional(z.string().refine(isDay, 'must be a day like 2018-08-01'));

const param = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('string'),
    ...declared,
    default: z.exactOptional(z.string()),
    enum: z.exactOptional(z.array(z.string()).min(1)),
    min: length,
    max: length,
  }),
  z.strictObject({ type: z.literal('integer'), ...numbers }),
  z.strictObject({ type: z.literal('number'), ...numbers }),
  z.strictObject({ type: z.literal('boolean'), ...declared, default: z.exactOptional(z.boolean()) }),
  z.strictObject({ type: z.literal('date'), ...declared, default: day, min: day, max: day }),
]);
export type ResolvedParam = z.infer<typeof param>;
export type ResolvedParams = Readonly<Record<string, ResolvedParam>>;

/** Parameters as a definition declares them, each by its name. */
export const paramsSchema = z.record(z.string(), param).superRefine((declared, context) => {
  for (const [name, each] of Object.entries(declared)) {
    const say = (message: string, ...path: string[]) =>
      context.addIssue({ code: 'custom', path: [name, ...path], message });
    const unfit = nameProblem(name);
    if (unfit !== undefined) say(unfit);
    if (each.required && each.default !== undefined)
      say('has a default, so a run never lacks it; leave one of them out', 'required');
    const { min, max } = each.type === 'boolean' ? {} : each;
    if (min !== undefined && max !== undefined && min > max) say(`must not be greater than 'max'`, 'min');
    for (const [field, message] of unfitLimits(each)) say(message, field);
    const wrong = each.default === undefined ? undefined : valueOf(each, String(each.default));
    if (typeof wrong === 'object') say(wrong.problem, 'default');
  }
  for (const [one, other] of twins(Object.keys(declared)))
    context.addIssue({ code: 'custom', path: [other], message: `differs from '${one}' in case alone` });
});

/** Limits that no value could keep, or that some listed value does not, each with its field. */
function unfitLimits(param: ResolvedParam): readonly (readonly [string, string])[] {
  const unfit: (readonly [string, string])[] = [];
  if (param.type === 'integer')
    for (const field of ['min', 'max'] as const)
      if (param[field] !== undefined && !Number.isSafeInteger(param[field]))
        unfit.push([field, 'must be a whole number']);
  if (param.type === 'boolean' || param.type === 'date') return unfit;
  const { enum: listed, ...bounds } = param;
  if (!listed) return unfit;
  for (const each of listed) {
    const value = valueOf(bounds, String(each));
    if (typeof value === 'object')
      unfit.push(['enum', `holds ${JSON.stringify(each)}, which ${value.problem}`]);
  }
  return unfit;
}

export interface GivenParams {
  /** What tasks and models get. */
  readonly params: Readonly<Record<string, string>>;
  /** All that is wrong, by name. */
  readonly problems: readonly string[];
}

/** What a run gets that was given this. A pipeline that declares nothing gets what is given, as it is. */
export function paramsOf(
  declared: ResolvedParams | undefined,
  given: Readonly<Record<string, string>> = {},
): GivenParams {
  if (!declared) return { params: given, problems: [] };
  const params: Record<string, string> = {};
  const problems: string[] = [];
  const names = Object.keys(declared);
  for (const name of Object.keys(given))
    if (!Object.hasOwn(declared, name))
      problems.push(
        `params.${name}: there is no such parameter${names.length ? hint(name, names) : '; the pipeline takes none.'}`,
      );
  for (const [name, each] of Object.entries(declared)) {
    const text = Object.hasOwn(given, name) ? given[name] : each.default?.toString();
    if (text === undefined) {
      if (each.required) problems.push(`params.${name}: is missing; it must be ${inWords(each)}.`);
      continue;
    }
    const value = valueOf(each, text);
    if (typeof value === 'string') params[name] = value;
    else problems.push(`params.${name}: ${value.problem}.`);
  }
  return { params, problems };
}

/** A value as it is handed on, or why it is none. What is given may be a secret: it is not repeated. */
function valueOf(param: ResolvedParam, text: string): string | { readonly problem: string } {
  const isOne = { problem: `must be ${inWords(param)}` };
  switch (param.type) {
    case 'boolean':
      return text === 'true' || text === 'false' ? text : isOne;
    case 'date':
      return isDay(text) && !isOutside(text, param) ? text : isOne;
    case 'string': {
      // PostgreSQL, where runs are written down, takes every character but this one.
      if (text.includes('\0')) return { problem: 'must not hold a NUL character' };
      const isListed = param.enum?.includes(text) ?? true;
      return isListed && !isOutside(text.length, param) ? text : isOne;
    }
    case 'integer':
    case 'number': {
      const value = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN;
      const isKind = param.type === 'integer' ? Number.isSafeInteger(value) : Number.isFinite(value);
      // One that a double rounds would be another number than was given.
      if (Number.isFinite(value) && decimalOf(text) !== decimalOf(String(value)))
        return { problem: `must be ${inWords(param)}, of no more digits than a double holds (about 15)` };
      const isListed = param.enum?.includes(value) ?? true;
      return isKind && isListed && !isOutside(value, param) ? String(value) : isOne;
    }
  }
}

/** A decimal number without what does not matter, so that equal ones are equal texts. */
function decimalOf(text: string): string {
  const [, sign = '', whole = '', part = '', power = '0'] =
    /^([+-]?)(\d*)\.?(\d*)(?:e([+-]?\d+))?$/i.exec(text) ?? [];
  const digits = `${whole}${part}`.replace(/^0+/, '');
  const short = digits.replace(/0+$/, '');
  if (short === '') return '0';
  return `${sign === '-' ? '-' : ''}${short}e${Number(power) - part.length + digits.length - short.length}`;
}

function isOutside<T extends number | string>(
  value: T,
  { min, max }: { readonly min?: T | undefined; readonly max?: T | undefined },
): boolean {
  return (min !== undefined && value < min) || (max !== undefined && value > max);
}

function isDay(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const at = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(text);
}

/** `a whole number from 1 to 10` */
function inWords(param: ResolvedParam): string {
  if (param.type === 'boolean') return 'true or false';
  if (param.type !== 'date' && param.enum)
    return `one of ${param.enum.map((each) => `'${each}'`).join(', ')}`;
  const { min, max } = param;
  const between = min !== undefined && max !== undefined;
  if (param.type === 'string') {
    const most = between
      ? `${min} to ${max}`
      : min === undefined
        ? `at most ${max ?? ''}`
        : `at least ${min}`;
    return min === undefined && max === undefined ? 'a text' : `a text of ${most} characters`;
  }
  const kind = { integer: 'a whole number', number: 'a number', date: 'a day like 2018-08-01' }[param.type];
  const bounds = [...(min === undefined ? [] : [`from ${min}`]), ...(max === undefined ? [] : [`to ${max}`])];
  return [kind, ...bounds].join(' ');
}
