import type { ResolvedTable } from '../../../core/pipeline.ts';

/** Why the job cannot read some of the tables; undefined where it can read all of them. */
export function whyUnfit(tables: readonly Pick<ResolvedTable, 'name' | 'query' | 'window'>[]) {
  const unfit = tables.filter(({ query, window }) => query !== undefined || window);
  if (!unfit.length) return undefined;
  return (
    `The extractor reads the rows of an interval from tables and views; ${unfit.map(({ name }) => `'${name}'`).join(', ')} ${unfit.length === 1 ? 'is a query, or has a window' : 'are queries, or have a window'}. ` +
    `Take 'extractor' out of the connection, so that the worker reads it.`
  );
}
