import { randomBytes } from 'node:crypto';
import type { Client } from 'pg';
import type { Relation } from '../catalog.ts';
import { beginSnapshot, connect, type PostgresAddress } from '../session.ts';
import { identifier, literal } from '../sql.ts';
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

/**
 * Begins a transaction whose snapshot's place in the log is known, with the table locked against changes of its definition. A temporary
 * slot gives the two together; it goes with its session, whatever happens.
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
  // The lock first: a table that is written anew after the snapshot would look empty in it.
  await beginSnapshot(client, relation);
  const watcher = await session();
  const { rows: versions } = await watcher.query<{ version: number }>(
    `SELECT current_setting('server_version_num')::int AS version`,
  );
  const maker = await connect(address, 'replication');
  try {
    const name = identifier(`sluice_snapshot_${randomBytes(6).toString('hex')}`);
    const options = (versions[0]?.version ?? 0) >= 150000 ? `(SNAPSHOT 'export')` : 'EXPORT_SNAPSHOT';
    const making = maker.query<{ consistent_point: string; snapshot_name: string }>(
      `CREATE_REPLICATION_SLOT ${name} TEMPORARY LOGICAL pgoutput ${options}`,
    );
    const { rows } = await untilDone(watcher, maker, making, tell);
    const [slot] = rows;
    if (!slot) throw new Error('CREATE_REPLICATION_SLOT gave nothing');
    await client.query(`SET TRANSACTION SNAPSHOT ${literal(slot.snapshot_name)}`);
    const { rows: clock } = await client.query<{ at: string }>(
      `SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS at`,
    );
    return {
      id: slot.snapshot_name,
      at: clock[0]?.at ?? '',
      lsn: lsnText(lsnOf(slot.consistent_point)),
      close: () => maker.end(),
    };
  } catch (error) {
    await maker.end().catch(() => undefined);
    throw error;
  }
}
