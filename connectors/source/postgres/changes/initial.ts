import { randomBytes } from 'node:crypto';
import type { Client } from 'pg';
import { Unreachable } from '../../../../core/errors.ts';
import type { Relation } from '../catalog.ts';
import type { PostgresAddress } from '../../../postgres/address.ts';
import { beginSnapshot, connect } from '../session.ts';
import { identifier, literal, quoted } from '../sql.ts';
import { lsnOf, lsnText, type Lsn } from './lsn.ts';
import { untilDone } from './slot-wait.ts';

/** A snapshot of the source, and its place in the log: it shows all transactions whose commit lies before, and no other. */
export interface PlacedSnapshot {
  readonly id: string;
  /** ISO 8601, microseconds, UTC. */
  readonly at: string;
  readonly lsn: Lsn;
  /** Gives the snapshot up; sessions that have taken it keep it. */
  close(): Promise<void>;
}

/** How often a snapshot is taken anew because the table's definition was changed meanwhile. */
const TRIES = 10;

/**
 * Begins a transaction whose snapshot's place in the log is known, with the table locked against changes of its definition. A temporary
 * slot gives the two together; it goes with its session, whatever happens.
 *
 * The slot waits for transactions that are open, and one of these may wait to change the table: so the lock comes after the slot, and
 * where the table was written anew in between, for which its rows would be missing from the snapshot, all of it is done again.
 * @param client the session of the transaction, outside of one
 * @see https://www.postgresql.org/docs/current/protocol-replication.html#PROTOCOL-REPLICATION-CREATE-REPLICATION-SLOT
 */
export async function takePlacedSnapshot(
  client: Client,
  address: PostgresAddress,
  relation: Relation,
  session: () => Promise<Client>,
  tell: (waitingFor: string) => void,
): Promise<PlacedSnapshot> {
  const watcher = await session();
  for (let tried = 0; tried < TRIES; tried++) {
    const before = await definitionOf(watcher, relation);
    const maker = await connect(address, 'replication');
    try {
      const slot = await temporarySlot(watcher, maker, tell);
      await beginSnapshot(client, relation);
      if ((await definitionOf(watcher, relation)) === before) {
        await client.query(`SET TRANSACTION SNAPSHOT ${literal(slot.snapshot_name)}`);
        const { rows } = await client.query<{ at: string }>(
          `SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS at`,
        );
        return {
          id: slot.snapshot_name,
          at: rows[0]?.at ?? '',
          lsn: lsnText(lsnOf(slot.consistent_point)),
          close: () => maker.end(),
        };
      }
      await client.query('ROLLBACK');
      await maker.end();
    } catch (error) {
      await maker.end().catch(() => undefined);
      throw error;
    }
  }
  throw new Unreachable(
    `Table ${quoted(relation.name)} was changed in its definition each time it was to be read whole, ${TRIES} times. It is tried again.`,
  );
}

interface MadeSlot {
  readonly consistent_point: string;
  readonly snapshot_name: string;
}

async function temporarySlot(
  watcher: Client,
  maker: Client,
  tell: (waitingFor: string) => void,
): Promise<MadeSlot> {
  const { rows: versions } = await watcher.query<{ version: number }>(
    `SELECT current_setting('server_version_num')::int AS version`,
  );
  const name = identifier(`sluice_snapshot_${randomBytes(6).toString('hex')}`);
  const options = (versions[0]?.version ?? 0) >= 150000 ? `(SNAPSHOT 'export')` : 'EXPORT_SNAPSHOT';
  const making = maker.query<MadeSlot>(
    `CREATE_REPLICATION_SLOT ${name} TEMPORARY LOGICAL pgoutput ${options}`,
  );
  const { rows } = await untilDone(watcher, maker, making, tell);
  const [slot] = rows;
  if (!slot) throw new Error('CREATE_REPLICATION_SLOT gave nothing');
  return slot;
}

/** Columns, and the files that hold the rows of the table and its partitions. */
async function definitionOf(client: Client, { oid }: Relation): Promise<string | undefined> {
  const { rows } = await client.query<{ definition: string }>(DEFINITION, [oid]);
  return rows[0]?.definition;
}

const DEFINITION = `
WITH RECURSIVE family AS (
  SELECT $1::oid AS oid UNION SELECT i.inhrelid FROM pg_catalog.pg_inherits i JOIN family f ON f.oid = i.inhparent
)
SELECT (SELECT string_agg(f.oid || ':' || coalesce(pg_relation_filenode(f.oid), 0), ',' ORDER BY f.oid) FROM family f) || ' ' ||
  (SELECT string_agg(attnum || ':' || attname || ':' || atttypid || ':' || attisdropped, ',' ORDER BY attnum)
   FROM pg_catalog.pg_attribute WHERE attrelid = $1 AND attnum > 0) AS definition`;
