import type { Client } from 'pg';
import { TerminalError } from '../../../core/errors.ts';
import type { Relation } from './catalog.ts';
import type { Cursor } from '../named-columns.ts';
import { quoted } from './sql.ts';

/** A sequence that gives a column its values, in the table or in what it is made of. */
export interface Sequence {
  readonly name: string;
  readonly step: string;
  readonly cache: string;
  readonly cycles: boolean;
  /** The last value that it gave; null where it has given none, or the connection's user may not see it. */
  readonly last: string | null;
}

export async function sequencesOf(
  client: Client,
  { oid }: Relation,
  { column }: Cursor,
): Promise<Sequence[]> {
  return (await client.query<Sequence>(SEQUENCES, [oid, column])).rows;
}

/**
 * A sequence that gives out several values at once, to sessions or programs that use them later, is followed by no number. Where rows
 * are appended (`once`), none may share its number with one that came before: a sequence or a unique index must see to that.
 * @throws {TerminalError} naming the sequence, or what is missing
 */
export async function mustCountInOrder(
  client: Client,
  relation: Relation,
  cursor: Cursor,
  once: boolean,
): Promise<void> {
  const sequences = await sequencesOf(client, relation, cursor);
  const found = sequences.find(({ step, cache, cycles }) => step !== '1' || cache !== '1' || cycles);
  const subject = `Cursor column '${cursor.column}' of table ${quoted(relation.name)}`;
  if (found) {
    throw new TerminalError(
      `${subject} gets its values from sequence ${found.name} ` +
        `(INCREMENT ${found.step}, CACHE ${found.cache}${found.cycles ? ', CYCLE' : ''}), which gives them out in blocks, so that smaller ones arrive after greater ones and would be missed. ` +
        `Choose a time as cursor, use mode 'snapshot', or ALTER SEQUENCE ${found.name} INCREMENT 1 CACHE 1 NO CYCLE.`,
    );
  }
  if (!once) return;
  if (['text', 'varchar'].includes(cursor.type)) {
    throw new TerminalError(
      `${subject} is a text, which later rows need not come after, so an 'append' would miss some. ` +
        `Choose a time, or a number that a sequence gives, as cursor; or use write: 'merge'.`,
    );
  }
  if (relation.kind !== 'v' && sequences.length) return;
  const { rows } = await client.query(UNIQUE, [relation.oid, cursor.column]);
  if (rows.length) return;
  throw new TerminalError(
    `${subject} is a number that no sequence gives and no unique index guards: a row that comes later with the last number that was read would be missed by 'append'. ` +
      `CREATE UNIQUE INDEX ON the column, choose a time as cursor, or use write: 'merge'.`,
  );
}

// Of the column itself, and of columns of its name in children and in what a view reads.
const SEQUENCES = `
WITH RECURSIVE below AS (
  SELECT $1::oid AS oid UNION SELECT part.oid FROM below b, LATERAL (
    SELECT i.inhrelid AS oid FROM pg_catalog.pg_inherits i WHERE i.inhparent = b.oid
    UNION ALL SELECT d.refobjid FROM pg_catalog.pg_rewrite r JOIN pg_catalog.pg_depend d ON d.objid = r.oid
      AND d.classid = 'pg_rewrite'::regclass AND d.refclassid = 'pg_class'::regclass WHERE r.ev_class = b.oid) AS part
)
SELECT s.seqrelid::regclass::text AS name, s.seqincrement::text AS step, s.seqcache::text AS cache, s.seqcycle AS cycles,
  max(CASE WHEN has_sequence_privilege(s.seqrelid, 'USAGE, SELECT') THEN pg_sequence_last_value(s.seqrelid) END)::text AS last
FROM below
JOIN pg_catalog.pg_attribute a ON a.attrelid = below.oid
JOIN LATERAL (
  SELECT d.objid AS oid FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass
    AND d.refobjid = a.attrelid AND d.refobjsubid = a.attnum AND d.deptype IN ('a', 'i')
  UNION SELECT d.refobjid FROM pg_catalog.pg_attrdef e JOIN pg_catalog.pg_depend d ON d.classid = 'pg_attrdef'::regclass
    AND d.objid = e.oid AND d.refclassid = 'pg_class'::regclass WHERE e.adrelid = a.attrelid AND e.adnum = a.attnum
) AS used ON true
JOIN pg_catalog.pg_sequence s ON s.seqrelid = used.oid
WHERE a.attname = $2 GROUP BY s.seqrelid, 2, 3, 4`;

// An index of a table says nothing of its children, but for partitions.
const UNIQUE = `
SELECT FROM pg_catalog.pg_index i
JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
JOIN pg_catalog.pg_class c ON c.oid = i.indrelid
WHERE i.indrelid = $1 AND a.attname = $2 AND i.indisunique AND i.indisvalid AND i.indpred IS NULL AND i.indnkeyatts = 1
  AND (c.relkind = 'p' OR NOT EXISTS (SELECT FROM pg_catalog.pg_inherits h WHERE h.inhparent = c.oid))`;
