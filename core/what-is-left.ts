import type { z } from 'zod';

/** For fields that must be there: nothing else depends on what they say. */
const STAND_INS: Readonly<Record<string, unknown>> = {
  name: 'stand_in',
  description: 'stands in',
  schedule: 'manual',
  start: '2000-01-01',
  source: 'stand_in',
};

export interface Left {
  readonly definition: Readonly<Record<string, unknown>>;
  /** Names of tables and tasks that were left out. */
  readonly without: readonly string[];
}

/**
 * What a definition still says where some of its fields do not fit: so that what is wrong with the rest can be told at the same time.
 * Undefined where nothing is left.
 */
export function whatIsLeft(written: unknown, issues: readonly z.core.$ZodIssue[]): Left | undefined {
  if (typeof written !== 'object' || written === null) return undefined;
  const definition: Record<string, unknown> = { ...written };
  const without = new Set<string>();
  for (const { path, code, ...issue } of issues) {
    const [field, entry] = path.map(String);
    // The rest means something else without them.
    if (field === 'defaults' || field === 'transform') return undefined;
    if (field === undefined) {
      if (code === 'unrecognized_keys')
        for (const key of (issue as { keys?: readonly string[] }).keys ?? []) definition[key] = undefined;
      continue;
    }
    const group = definition[field];
    if ((field === 'tables' || field === 'tasks') && entry !== undefined) {
      without.add(entry);
      definition[field] = Object.fromEntries(
        Object.entries(group as Record<string, unknown>).filter(([name]) => name !== entry),
      );
    } else definition[field] = STAND_INS[field];
  }
  const kept = Object.entries(definition).filter(([, value]) => value !== undefined);
  return { definition: Object.fromEntries(kept), without: [...without] };
}
