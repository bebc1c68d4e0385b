import { codeOf } from './given.ts';
import type { Dag } from './read.ts';

/** What a task runs after, and when: https://airflow.apache.org/docs/apache-airflow/stable/core-concepts/dags.html#trigger-rules */
export interface Place {
  readonly after: readonly string[];
  readonly when?: 'failed' | 'always';
  readonly problem?: string;
}

/**
 * Where a task stands when those that only keep an order are left out: what came before them comes before what follows.
 * @param isLeftOut of such a task, whose own rule is all_success
 */
export function placeOf(dag: Dag, id: string, rule: unknown, isLeftOut: (id: string) => boolean): Place {
  const before = (of: string, seen: Set<string>): string[] =>
    dag.edges
      .filter(([, after]) => after === of)
      .flatMap(([one]) => {
        if (seen.has(one)) return [];
        seen.add(one);
        return isLeftOut(one) ? before(one, seen) : [one];
      });
  const after = [...new Set(before(id, new Set()))];
  if (isDefault(rule)) return { after };
  if (rule === 'all_done') return after.length ? { after, when: 'always' } : { after };
  if (rule === 'one_failed' && after.length === 1) return { after, when: 'failed' };
  if (rule === 'one_failed' && after.length)
    return {
      after,
      problem: `trigger rule 'one_failed' begins with the first failure; when: 'failed' begins when all ${after.length} before it have ended`,
    };
  return {
    after,
    problem:
      typeof rule === 'string'
        ? `trigger rule '${rule}' has no equal: there are succeeded, failed (at least one), always (all have ended)`
        : `trigger rule ${codeOf(rule)} is made by code`,
  };
}

export function isDefault(rule: unknown): boolean {
  return rule === undefined || rule === null || rule === 'all_success';
}
