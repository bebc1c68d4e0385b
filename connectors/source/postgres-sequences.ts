import type { Client } from 'pg';
import { TerminalError } from '../../core/errors.ts';
import type { Relation } from './postgres-catalog.ts';
import type { Cursor } from './postgres-cursor.ts';
import { quoted } from './postgres-sql.ts';

/**
 * A sequence that gives out several values at once, to sessions or programs that use them later, is followed by no number.
 * @throws {TerminalError} naming the sequence
 */
export async function mustCountInOrder(client: Client, relation: Relation, cursor: Cursor): Promise<void> {
  const { rows } = await client.query<Sequence>(SEQUENCES, [relation.oid, cursor.column]);
  const found = rows.find(({ step, cache, cycles }) => step !== '1' || cache !== '1' || cycles);
  if (!found) return;
  throw new TerminalError(
    `Cursor column '${cursor.column}' of table ${quoted(relation.name)} gets its values from sequence ${found.name} ` +
      `(INCREMENT ${found.step}, CACHE ${found.cache}${found.cycles ? ', CYCLE' : ''}), which gives them out in blocks, so that smaller ones arrive after greater ones and would be missed. ` +
      `Choose a time as cursor, use mode 'snapshot', or ALTER SEQUENCE ${found.name} INCREMENT 1 CACHE 1 NO CYCLE.`,
  );
}

interface Sequence {
  name: string;
  step: string;
  cache: string;
  cycles: boolean;
}

const SEQUENCES = `
SELECT s.seqrelid::regclass::text AS name, s.seqincrement::text AS step, s.seqcache::text AS cache, s.seqcycle AS cycles
FROM pg_catalog.pg_attribute a
JOIN LATERAL (
  SELECT d.objid AS oid FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass
    AND d.refobjid = a.attrelid AND d.refobjsubid = a.attnum AND d.deptype IN ('a', 'i')
  UNION SELECT d.refobjid FROM pg_catalog.pg_attrdef e JOIN pg_catalog.pg_depend d ON d.classid = 'pg_attrdef'::regclass
    AND d.objid = e.oid AND d.refclassid = 'pg_class'::regclass WHERE e.adrelid = a.attrelid AND e.adnum = a.attnum
) AS used ON true
JOIN pg_catalog.pg_sequence s ON s.seqrelid = used.oid
WHERE a.attrelid = $1 AND a.attname = $2`;
