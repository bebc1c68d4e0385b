import { identifier, text } from './ddl.ts';
import { files, type Write } from './write.ts';

/**
 * The statements that merge changes. The last change of each key is found once, by keys and order alone, and kept in a temporary table;
 * rows go from the files into the target.
 */
const LAST = 'temp."_sluice_last"';
const FILL = 'temp."_sluice_fill"';

/** Where a change stands among the others. */
export interface Place {
  readonly lsn: string;
  readonly seq: string;
}

export const DROP_TEMPORARY = [`DROP TABLE IF EXISTS ${FILL}`, `DROP TABLE IF EXISTS ${LAST}`];

export function selectLastTruncation(fileUris: readonly string[]): string {
  return `SELECT _commit_lsn AS lsn, _seq::VARCHAR AS seq FROM ${files(fileUris)} WHERE _op = 'T' ORDER BY _commit_lsn DESC, _seq DESC LIMIT 1`;
}

export function countWithoutKey(fileUris: readonly string[], key: readonly string[]): string {
  const missing = key.map((name) => `${identifier(name)} IS NULL`).join(' OR ');
  return `SELECT count(*) AS rows FROM ${files(fileUris)} WHERE _op <> 'T' AND (${missing})`;
}

/** Keeps the last change of each key, of those after a place where one is given. */
export function keepLast({ fileUris }: Write, key: readonly string[], after: Place | undefined): string {
  const names = key.map(identifier).join(', ');
  const condition = after
    ? ` WHERE _commit_lsn > ${text(after.lsn)} OR (_commit_lsn = ${text(after.lsn)} AND _seq > ${after.seq})`
    : '';
  return (
    `CREATE TEMP TABLE "_sluice_last" AS SELECT ${names}, _commit_lsn, _seq, _op, _unchanged, _base FROM ${files(fileUris)}${condition} ` +
    `QUALIFY row_number() OVER (PARTITION BY ${names} ORDER BY _commit_lsn DESC, _seq DESC) = 1`
  );
}

/** The names of the columns that last changes leave out. */
export const SELECT_UNCHANGED = `SELECT DISTINCT unnest(from_json(_unchanged, '["VARCHAR"]')) AS name FROM ${LAST} WHERE _op <> 'D' AND _unchanged IS NOT NULL`;

/** Keeps the values that the target has of columns that last changes leave out: by the key that the row had before the load. */
export function keepFill(write: Write, key: readonly string[], unchanged: readonly string[]): string {
  const names = key.map(identifier);
  const before = names.map((name) => `CASE WHEN last._base IS NULL THEN last.${name} ELSE base.${name} END`);
  const values = unchanged.map((name) => `present.${identifier(name)}`);
  return (
    `CREATE TEMP TABLE "_sluice_fill" AS SELECT last._commit_lsn, last._seq, present._load_id IS NOT NULL AS _found, ${values.join(', ')} FROM ${LAST} AS last ` +
    `LEFT JOIN (SELECT ${names.join(', ')}, _commit_lsn || ':' || _seq AS _place FROM ${files(write.fileUris)} WHERE _op = 'D') AS base ON base._place = last._base ` +
    `LEFT JOIN ${write.target} AS present ON ${names.map((name, at) => `present.${name} = ${before[at] ?? ''}`).join(' AND ')} ` +
    `WHERE last._op <> 'D' AND last._unchanged IS NOT NULL`
  );
}

export const COUNT_NOT_FOUND = `SELECT count(*) AS rows FROM ${FILL} WHERE NOT _found`;

export function deleteChanged({ target }: Write, key: readonly string[]): string {
  const equal = key.map(identifier).map((name) => `present.${name} = last.${name}`);
  return `DELETE FROM ${target} AS present USING ${LAST} AS last WHERE ${equal.join(' AND ')}`;
}

/** Adds the rows that last changes leave, with what they leave out filled in. */
export function insertLast(write: Write, unchanged: readonly string[]): string {
  const names = write.columns.map(identifier);
  const values = write.columns.map((name) => {
    const value = `change.${identifier(name)}`;
    if (!unchanged.includes(name)) return value;
    const listed = `list_contains(from_json(change._unchanged, '["VARCHAR"]'), ${text(name)})`;
    return `CASE WHEN ${listed} THEN fill.${identifier(name)} ELSE ${value} END`;
  });
  return (
    `INSERT INTO ${write.target} (${names.join(', ')}, _load_id, _loaded_at, _extracted_at) ` +
    `SELECT ${values.join(', ')}, ${text(write.loadId)}, now(), ${text(write.extractedAt)}::TIMESTAMPTZ FROM ${files(write.fileUris)} AS change ` +
    `SEMI JOIN ${LAST} AS last ON change._commit_lsn = last._commit_lsn AND change._seq = last._seq AND last._op <> 'D'` +
    (unchanged.length
      ? ` LEFT JOIN ${FILL} AS fill ON change._commit_lsn = fill._commit_lsn AND change._seq = fill._seq`
      : '')
  );
}
