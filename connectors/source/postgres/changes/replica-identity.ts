import type { Client } from 'pg';
import { TerminalError } from '../../../../core/errors.ts';
import type { Relation } from '../catalog.ts';
import { identifier, quoted } from '../sql.ts';

interface IdentityRow {
  readonly name: string;
  readonly itself: boolean;
  readonly kind: string;
  readonly persistence: string;
  /** `pg_class.relreplident`: d(efault, the primary key), n(othing), f(ull), i(ndex). */
  readonly identity: string;
  /** Columns of the index that serves as identity. */
  readonly columns: readonly string[] | null;
  readonly partition: boolean;
}

/**
 * Proves that a table can be published: that updates and deletes of it, and of its partitions, say which row they are of. In a publication
 * without that, the source's own UPDATE and DELETE would fail.
 * @param key the columns that the pipeline tells rows apart by; none where it does not
 * @throws {TerminalError} with the statement that mends it
 */
export async function mustHaveIdentity(
  client: Client,
  relation: Relation,
  key: readonly string[],
): Promise<void> {
  const label = quoted(relation.name);
  if (!['r', 'p'].includes(relation.kind)) {
    throw new TerminalError(
      `${label} is no table, and only tables have a stream of changes. Name the table behind it under 'from', or extract it in another mode.`,
    );
  }
  const { rows } = await client.query<IdentityRow>(IDENTITIES, [relation.oid]);
  for (const row of rows) mustIdentify(row, label, key);
}

function mustIdentify(row: IdentityRow, label: string, key: readonly string[]): void {
  const { name, itself, kind, persistence, identity, columns, partition } = row;
  if (persistence !== 'p') {
    throw new TerminalError(
      `${name} is ${persistence === 'u' ? 'unlogged' : 'temporary'}, so its changes are not in the source's log. Run there: ALTER TABLE ${name} SET LOGGED; or extract it in another mode.`,
    );
  }
  if (!itself && !partition) {
    throw new TerminalError(
      `${label} has a child by inheritance, ${name}, whose changes come under its own name. Extract each as a table of its own, or ${label} in another mode.`,
    );
  }
  if (kind === 'p' || identity === 'f') return;
  if (!columns) {
    throw new TerminalError(
      `${name} has no replica identity${identity === 'n' ? ' (NOTHING)' : ', for it has no primary key'}: once it is published, its own UPDATE and DELETE would fail. ` +
        `Run there: ALTER TABLE ${name} REPLICA IDENTITY FULL;${identity === 'n' ? ` or, with a primary key, REPLICA IDENTITY DEFAULT;` : ' or add a primary key.'}`,
    );
  }
  const missing = key.filter((column) => !columns.includes(column));
  if (!missing.length) return;
  throw new TerminalError(
    `${name}: the key (${key.join(', ')}) names ${missing.map(identifier).join(', ')}, which a DELETE does not tell: the replica identity is (${columns.join(', ')}). ` +
      `Correct 'primaryKey', or run there: ALTER TABLE ${name} REPLICA IDENTITY FULL;`,
  );
}

const IDENTITIES = `
WITH RECURSIVE family AS (
  SELECT $1::oid AS oid UNION SELECT i.inhrelid FROM pg_catalog.pg_inherits i JOIN family f ON f.oid = i.inhparent
)
SELECT format('%I.%I', n.nspname, c.relname) AS name, c.oid = $1 AS itself, c.relkind AS kind, c.relpersistence AS persistence,
  c.relreplident AS identity, c.relispartition AS partition,
  (SELECT array_agg(a.attname::text ORDER BY a.attnum) FROM pg_catalog.pg_index i
     JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey)
   WHERE i.indrelid = c.oid AND i.indisvalid
     AND ((c.relreplident = 'd' AND i.indisprimary AND i.indimmediate) OR (c.relreplident = 'i' AND i.indisreplident))) AS columns
FROM family f JOIN pg_catalog.pg_class c ON c.oid = f.oid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'f') ORDER BY f.oid = $1 DESC, 1`;
