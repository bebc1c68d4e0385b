import { TerminalError } from '../../../../core/errors.ts';
import type { Relation } from '../catalog.ts';
import { identifier, quoted } from '../sql.ts';
import { lsnOf } from './lsn.ts';
import type { Position } from './position.ts';
import type { PublicationState, ServerState, SlotState } from './stream-state.ts';
import { restart, type Subject } from './subject.ts';

/** @throws {TerminalError} where the publication no longer gives all changes */
export function mustHoldPublication(
  { allTables, withheld, viaRoot }: PublicationState,
  subject: Subject,
): void {
  const name = identifier(subject.stream);
  if (allTables) {
    throw new TerminalError(
      `The publication ${subject.stream} is FOR ALL TABLES, which Sluice never makes: in tables without a replica identity UPDATE and DELETE fail. ${restart(subject)}`,
    );
  }
  if (withheld !== null || !viaRoot) {
    const what = withheld === null ? 'gives partitions under their own names' : `leaves out ${withheld}`;
    throw new TerminalError(
      `The publication ${subject.stream} was edited and ${what}, so changes are missing from it. ${restart(subject)} ` +
        `(Where you know that nothing was changed meanwhile: ALTER PUBLICATION ${name} SET (publish = 'insert, update, delete, truncate', publish_via_partition_root = true);)`,
    );
  }
}

/** @throws {TerminalError} where changes after a table's position cannot be read any more */
export function mustHoldSlot(
  slot: SlotState | undefined,
  subject: Subject,
  server: ServerState,
  relation: Relation,
  position: Position | undefined,
): void {
  const { stream, connection } = subject;
  const label = quoted(relation.name);
  const after = position
    ? `changes of ${label} after ${position.lsn} cannot be read any more`
    : `it has to go`;
  if (position && position.identity.system !== server.system) {
    throw new TerminalError(
      `Source '${connection}' is another server than the one that ${label} was read from: ${after}. ${restart(subject)}`,
    );
  }
  if (position && server.end !== null && lsnOf(server.end) < lsnOf(position.lsn)) {
    throw new TerminalError(
      `Source '${connection}' was set back: its log ends at ${server.end}, and ${label} is loaded up to ${position.lsn}. ` +
        `Rows in the warehouse may never have been there. ${restart(subject)}`,
    );
  }
  if (!slot) {
    throw new TerminalError(
      `The replication slot ${stream} of source '${connection}' is gone: ${after}. ${restart(subject)}`,
    );
  }
  if (slot.type !== 'logical' || slot.plugin !== 'pgoutput' || slot.database !== server.database) {
    throw new TerminalError(
      `The replication slot ${stream} of source '${connection}' is not one that Sluice has made (${slot.type}, ${slot.plugin ?? 'no plugin'}, database ${slot.database ?? 'none'}). ` +
        `Drop or rename it there: SELECT pg_drop_replication_slot('${stream}');`,
    );
  }
  if (slot.wal === 'lost') {
    throw new TerminalError(
      `The replication slot ${stream} of source '${connection}' was invalidated: nobody read it for so long that the source gave the log up (max_slot_wal_keep_size, idle_replication_slot_timeout): ${after}. ${restart(subject)}`,
    );
  }
  if (position && slot.confirmed !== null && lsnOf(slot.confirmed) > lsnOf(position.lsn)) {
    throw new TerminalError(
      `The replication slot ${stream} of source '${connection}' has moved on to ${slot.confirmed} without us: ${after}. Somebody else reads it, or made it anew. ${restart(subject)}`,
    );
  }
}
