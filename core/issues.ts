import { z } from 'zod';

const TYPES: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
  tuple: 'a list',
};

// What a schema says of its own accord stands; these words take the place of the library's.
z.config({ customError: inWords });

/** What is wrong with a value, to stand behind the name of its field: `must be a number, not a text`. */
export function wordsOf(issue: z.core.$ZodIssue): string {
  const [inner] = issue.code === 'invalid_key' ? issue.issues : [];
  return inner?.message ?? issue.message;
}

function inWords(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return wants(TYPES[issue.expected] ?? issue.expected, issue.input);
    case 'invalid_value': {
      const wanted = issue.values.map(shown).join(', ');
      const isWord = typeof issue.input === 'string' && /^[\w .:-]{1,30}$/.test(issue.input);
      if (isWord && issue.values.length > 1) return `must be one of ${wanted}, not ${shown(issue.input)}`;
      return wants(wanted, issue.input, issue.values.length > 1);
    }
    case 'invalid_union': {
      if (issue.discriminator !== undefined && Array.isArray(issue.options)) {
        const value = chosen(issue.input, issue.discriminator);
        const wanted = issue.options.map(shown).join(', ');
        return typeof value === 'string' && value.length <= 30
          ? `must be one of ${wanted}, not ${shown(value)}`
          : wants(wanted, value, true);
      }
      const types = issue.errors.flatMap((errors) =>
        errors.flatMap((each) =>
          each.code === 'invalid_type' ? [TYPES[each.expected] ?? each.expected] : [],
        ),
      );
      if (types.length) return wants([...new Set(types)].join(' or '), issue.input);
      const own = issue.errors.flatMap((errors) => errors.map(({ message }) => message));
      return [...new Set(own)].join('; or ') || 'fits none of the forms that it may have';
    }
    case 'unrecognized_keys':
      return `knows no ${issue.keys.map(shown).join(', ')}`;
    case 'too_small':
      return bound(issue.origin, issue.inclusive === false ? 'more than' : 'at least', issue.minimum);
    case 'too_big':
      return bound(issue.origin, issue.inclusive === false ? 'less than' : 'at most', issue.maximum);
    default:
      return undefined;
  }
}

function chosen(input: unknown, key: string): unknown {
  return typeof input === 'object' && input !== null ? (input as Record<string, unknown>)[key] : undefined;
}

function wants(wanted: string, input: unknown, isChoice = false): string {
  const must = isChoice ? `one of ${wanted}` : wanted;
  if (typeof input === 'number' && wanted.endsWith('number')) return `must be ${must}, not ${input}`;
  return input === undefined ? `must be ${must}; it is missing` : `must be ${must}, not ${kindOf(input)}`;
}

/** Values may be secrets: only a number where a number was wanted is shown. */
function kindOf(input: unknown): string {
  if (input === null) return 'null';
  if (Array.isArray(input)) return 'a list';
  return TYPES[typeof input] ?? typeof input;
}

function bound(origin: string, compared: string, limit: number | bigint): string {
  if (origin === 'string') return `must have ${compared} ${limit} character${limit == 1 ? '' : 's'}`;
  if (origin === 'array') return `must hold ${compared} ${limit}`;
  return `must be ${compared} ${limit}`;
}

function shown(value: unknown): string {
  return typeof value === 'string' ? `'${value}'` : String(value);
}
