import type { Column, TableSchema } from './schema.ts';

/**
 * What a change has beside the columns of its table, in files of the mode `changes`.
 *
 * | column | what |
 * |---|---|
 * | `_op` | `I` inserted, `U` updated, `D` deleted (only the key is known), `T` truncated (nothing is), `R` read whole, as of a place in the log |
 * | `_commit_lsn` | the place of its transaction's commit in the log, as text of fixed width: sorts as the log does |
 * | `_seq` | rises within a transaction, with gaps |
 * | `_commit_time` | of its transaction, by the source's clock |
 * | `_unchanged` | JSON list of the columns whose values the source has not sent, because they have not changed, and no earlier change of the load has either |
 * | `_base` | the change, as `<_commit_lsn>:<_seq>`, whose key the row had before the load, where that is another one: its values are the unchanged ones |
 */
export const CHANGE_COLUMNS: readonly Column[] = [
  { name: '_op', type: 'string(1)', nullable: false },
  { name: '_commit_lsn', type: 'string(17)', nullable: false },
  { name: '_seq', type: 'int64', nullable: false },
  { name: '_commit_time', type: 'timestamptz', nullable: false },
  { name: '_unchanged', type: 'string', nullable: true },
  { name: '_base', type: 'string', nullable: true },
];

const OF_CHANGES_ALONE = ['_unchanged', '_base'];

/** The columns of a table that the last changes are merged into: what is left unsaid is filled in there. */
export function mergedSchema({ columns }: TableSchema): TableSchema {
  return { columns: columns.filter(({ name }) => !OF_CHANGES_ALONE.includes(name)) };
}
