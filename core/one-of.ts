import { z } from 'zod';
import { wordsOf } from './issues.ts';

/**
 * A value whose shape one of its keys chooses. The branch is taken by what is written, and its problems are reported: a union would
 * say only 'invalid input'.
 * @param says what the keys are for: `must say what it does`
 */
export function oneOf<T>(kinds: Readonly<Record<string, z.ZodType<T>>>, says: string) {
  return z.unknown().transform((value, context): T => {
    const written = typeof value === 'object' && value !== null ? value : {};
    const [named, ...others] = Object.entries(kinds).filter(([kind]) => kind in written);
    if (!named || others.length) {
      const all = [named, ...others].flatMap((each) => (each ? [each[0]] : []));
      context.addIssue(
        `${says} by one of ${Object.keys(kinds).join(', ')}${named ? `, not ${all.join(' and ')}` : ''}`,
      );
      return z.NEVER;
    }
    const parsed = named[1].safeParse(value);
    if (parsed.success) return parsed.data;
    for (const issue of parsed.error.issues)
      context.addIssue({ code: 'custom', path: issue.path, message: wordsOf(issue) });
    return z.NEVER;
  });
}
