import type { ResolvedTask } from '../core/tasks.ts';

/** Whether a later attempt at such work takes up that of the one before, instead of doing it anew. */
export type Joins = (does: ResolvedTask['does']) => boolean;

/** Containers and jobs on Glue go on without their worker; a Spark job of this machine ends with it. */
export function joinsWork(spark: 'local' | 'glue' | undefined): Joins {
  return (does) => 'container' in does || (spark === 'glue' && 'spark' in does);
}
