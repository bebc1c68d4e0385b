import type { Client } from 'pg';
import { TerminalError } from '../../../../core/errors.ts';
import type { ChangeStreams, StreamState } from '../../port.ts';
import { identifier } from '../sql.ts';
import { acquire } from './lock.ts';
import { lsnOf } from './lsn.ts';
import { streamName } from './names.ts';
import { parsePosition } from './position.ts';
import { slotState } from './stream-state.ts';

type InSession = <T>(work: (client: Client) => Promise<T>) => Promise<T>;

/** The streams that one PostgreSQL database keeps for pipelines: a slot and a publication of the same name each. */
export class PostgresStreams implements ChangeStreams {
  readonly #connection: string;
  readonly #project: string;
  readonly #inSession: InSession;

  constructor(options: {
    readonly connection: string;
    readonly project: string;
    readonly inSession: InSession;
  }) {
    this.#connection = options.connection;
    this.#project = options.project;
    this.#inSession = options.inSession;
  }

  async advance(pipeline: string, marks: readonly string[]): Promise<void> {
    const [least] = marks.map((mark) => parsePosition(mark).lsn).sort();
    if (least === undefined) return;
    const stream = streamName(this.#project, pipeline);
    await this.#inSession(async (client) => {
      await acquire(client, stream, () => undefined);
      const slot = await slotState(client, stream);
      if (!slot?.confirmed || slot.wal === 'lost' || lsnOf(slot.confirmed) >= lsnOf(least)) return;
      await client.query('SELECT pg_replication_slot_advance($1, $2)', [stream, least]);
    });
  }

  async states(pipelines: readonly string[]): Promise<readonly StreamState[]> {
    return this.#inSession(async (client) => {
      const { rows } = await client.query<StreamRow>(STATES);
      const names = new Map(pipelines.map((pipeline) => [streamName(this.#project, pipeline), pipeline]));
      const found = rows.map(({ stream, tables, slot }): StreamState => ({
        stream,
        pipeline: names.get(stream) ?? null,
        tables,
        slot,
      }));
      const missing = [...names]
        .filter(([stream]) => !found.some((each) => each.stream === stream))
        .map(([stream, pipeline]): StreamState => ({ stream, pipeline, tables: [], slot: null }));
      return [...found, ...missing];
    });
  }

  async drop(pipeline: string): Promise<boolean> {
    const stream = streamName(this.#project, pipeline);
    return this.#inSession(async (client) => {
      const slot = await slotState(client, stream);
      if (slot?.activePid) {
        throw new TerminalError(
          `The replication slot ${stream} of source '${this.#connection}' is being read by process ${slot.activePid}. Wait until no run of '${pipeline}' goes on, then drop it.`,
        );
      }
      const { rowCount } = await client.query('SELECT FROM pg_publication WHERE pubname = $1', [stream]);
      // The slot first: with the publication gone, nobody could read what it holds.
      if (slot) await client.query('SELECT pg_drop_replication_slot($1)', [stream]);
      await client.query(`DROP PUBLICATION IF EXISTS ${identifier(stream)}`);
      return slot !== undefined || rowCount !== 0;
    });
  }
}

interface StreamRow {
  readonly stream: string;
  readonly tables: string[];
  readonly slot: StreamState['slot'];
}

/** Slots of this database, and publications, that bear our name. The reason of an invalidation came with PostgreSQL 17: asked by name, it may be missing. */
const STATES = String.raw`
SELECT coalesce(s.slot_name, p.pubname)::text AS stream,
  coalesce((SELECT array_agg(t.schemaname || '.' || t.tablename ORDER BY 1) FROM pg_publication_tables t WHERE t.pubname = p.pubname), '{}') AS tables,
  CASE WHEN s.slot_name IS NOT NULL THEN json_build_object(
    'activePid', s.active_pid, 'wal', s.wal_status, 'invalidated', to_jsonb(s) ->> 'invalidation_reason',
    'retainedBytes', pg_wal_lsn_diff(here.lsn, s.restart_lsn)::float8, 'lagBytes', pg_wal_lsn_diff(here.lsn, s.confirmed_flush_lsn)::float8,
    'safeBytes', s.safe_wal_size::float8) END AS slot
FROM (SELECT CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END AS lsn) AS here,
  (SELECT * FROM pg_replication_slots WHERE slot_name LIKE 'sluice\_%' AND database = current_database() AND NOT temporary) AS s
  FULL JOIN (SELECT * FROM pg_publication WHERE pubname LIKE 'sluice\_%') AS p ON p.pubname = s.slot_name
ORDER BY 1`;
