import type { z } from 'zod';

/** What is wrong, in words. Of a key that does not fit zod says only that it does not; why lies below. */
export function wordsOf(issue: z.core.$ZodIssue): string {
  const [inner] = issue.code === 'invalid_key' ? issue.issues : [];
  return inner?.message ?? issue.message;
}
