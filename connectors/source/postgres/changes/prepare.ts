import type { Client } from 'pg';
import { TerminalError, TransientError } from '../../../../core/errors.ts';
import type { Relation } from '../catalog.ts';
import { identifier, literal, quoted } from '../sql.ts';
import { parsePosition, type Position } from './position.ts';
import { mustHaveIdentity } from './replica-identity.ts';
import { mustHoldPublication, mustHoldSlot } from './refusals.ts';
import { untilDone } from './slot-wait.ts';
import {
  membership,
  publicationState,
  serverState,
  slotState,
  tableIdentity,
  type ServerState,
} from './stream-state.ts';
import { restart, type Subject } from './subject.ts';

/** A table whose changes flow: what has been checked and made. */
export interface Prepared {
  readonly server: ServerState;
  /** The table's place in the publication: `pg_publication_rel.oid`. */
  readonly member: number;
  /** Where the table stands; undefined where it is to be read from its beginning. */
  readonly position: Position | undefined;
}

export interface PrepareRequest {
  /** The columns that rows are told apart by; none where they need not be. */
  readonly key: readonly string[];
  /** Where the table stands, as `positionText` gave it. */
  readonly mark: string | undefined;
  /** Whether it may be read from its beginning again: it is merged. */
  readonly anew: boolean;
  /** Opens another session, which the caller ends. */
  readonly session: () => Promise<Client>;
  readonly tell: (waitingFor: string) => void;
}

/**
 * Sees to it that a table's changes are kept for us: checks server, table, publication and slot, and makes what is missing where nothing of
 * the table has been loaded. Idempotent. To be called while the caller holds the stream's lock, outside of a transaction.
 * @throws {TerminalError} changes may be missing, or a right, or a setting: each with what to run
 */
export async function prepare(
  client: Client,
  subject: Subject,
  relation: Relation,
  request: PrepareRequest,
): Promise<Prepared> {
  const server = await serverState(client);
  mustStream(server, subject);
  await mustHaveIdentity(client, relation, request.key);
  const marked = request.mark === undefined ? undefined : parsePosition(request.mark);
  const { stream } = subject;
  const [publication, slot] = [await publicationState(client, stream), await slotState(client, stream)];
  // Both gone: 'sluice source drop' was here, and the stream begins anew.
  const dropped = !publication && !slot;
  if (marked && dropped && !request.anew) {
    throw new TerminalError(
      `${quoted(relation.name)}: its stream of changes was dropped, so changes after ${marked.lsn} are missing, and rows that are appended cannot be read anew. ` +
        `Drop the table in the warehouse and run again.`,
    );
  }
  const position = dropped ? undefined : marked;
  if (publication) mustHoldPublication(publication, subject);
  const place = await membership(client, stream, relation.oid);
  if (position || slot) mustHoldSlot(slot, subject, server, relation, position);
  if (position && (!publication || place?.member !== position.identity.member)) {
    throw new TerminalError(
      `${quoted(relation.name)} is not in the publication ${stream} any more, or was out of it for a while: changes after ${position.lsn} may be missing. ` +
        restart(subject),
    );
  }
  if (place?.filtered) {
    throw new TerminalError(
      `The publication ${stream} has a filter or a list of columns for ${quoted(relation.name)}, so changes are missing from it. ${restart(subject)}`,
    );
  }
  if (!publication || !place) await publish(client, subject, relation, server, publication !== undefined);
  // After the publication: changes from before it cannot be read through it.
  if (!slot) await makeSlot(client, subject, server, request);
  const member = place ?? (await membership(client, stream, relation.oid));
  if (!member) throw new Error(`the publication ${stream} has not taken ${quoted(relation.name)}`);
  return { server, member: member.member, position };
}

/** What the table is now, as a position remembers it. */
export async function identityNow(
  client: Client,
  { stream }: Subject,
  relation: Relation,
  { server, member }: Prepared,
): Promise<Position['identity']> {
  const { file, columns, filled } = await tableIdentity(client, relation.oid);
  return { slot: stream, system: server.system, table: relation.oid, file, member, columns, filled };
}

const OLDEST_VERSION = 130000; // partitioned tables are published by their own name from here on

function mustStream({ version, walLevel, standby, mayReplicate, user }: ServerState, subject: Subject): void {
  const name = `Source '${subject.connection}'`;
  if (version < OLDEST_VERSION)
    throw new TerminalError(
      `${name} is older than PostgreSQL 13, which 'changes' needs. Extract in another mode.`,
    );
  if (standby)
    throw new TerminalError(
      `${name} is a standby: changes are read from the primary. Set the connection's host to it.`,
    );
  if (walLevel !== 'logical') {
    throw new TerminalError(
      `${name} has wal_level '${walLevel}', and a stream of changes needs 'logical'. Run there: ALTER SYSTEM SET wal_level = 'logical'; and restart it ` +
        `(RDS and Aurora: rds.logical_replication = 1 in the parameter group, then reboot).`,
    );
  }
  if (!mayReplicate) {
    throw new TerminalError(
      `${name}: user ${user} may not read the log. Run there as an administrator: ALTER ROLE ${identifier(user)} REPLICATION; (RDS and Aurora: GRANT rds_replication TO ${identifier(user)};)`,
    );
  }
}

async function publish(
  client: Client,
  { stream, connection, pipeline }: Subject,
  relation: Relation,
  { user, database }: ServerState,
  exists: boolean,
): Promise<void> {
  const [name, table] = [identifier(stream), quoted(relation.name)];
  const statement = exists
    ? `ALTER PUBLICATION ${name} ADD TABLE ${table}`
    : `CREATE PUBLICATION ${name} FOR TABLE ${table} WITH (publish_via_partition_root = true)`;
  try {
    await client.query(statement);
    if (!exists)
      await client.query(
        `COMMENT ON PUBLICATION ${name} IS ${literal(`Made by Sluice for its pipeline ${pipeline}`)}`,
      );
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === '42501')) throw error;
    throw new TerminalError(
      `Source '${connection}': user ${user} may not publish ${table}: ${error.message}. It must own the table and may create publications: ` +
        `GRANT CREATE ON DATABASE ${identifier(database)} TO ${identifier(user)}; or run there as an administrator: ${statement};`,
    );
  }
}

async function makeSlot(
  client: Client,
  { stream, connection }: Subject,
  server: ServerState,
  { session, tell }: PrepareRequest,
): Promise<void> {
  try {
    const maker = await session();
    await untilDone(
      client,
      maker,
      maker.query(`SELECT pg_create_logical_replication_slot($1, 'pgoutput')`, [stream]),
      tell,
    );
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === '53400') {
      throw new TransientError(
        `Source '${connection}' has no replication slot to spare. Look for ones that nobody needs in pg_replication_slots, or raise max_replication_slots there and restart it.`,
      );
    }
    if (code !== '42501') throw error;
    throw new TerminalError(
      `Source '${connection}': user ${server.user} may not make a replication slot. Run there as an administrator: ALTER ROLE ${identifier(server.user)} REPLICATION;`,
    );
  }
}
