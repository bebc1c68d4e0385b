import type { Client } from 'pg';

/** The slot, as the source has it. */
export interface SlotState {
  readonly plugin: string | null;
  readonly type: string;
  readonly database: string | null;
  /** The process that reads it now. */
  readonly activePid: number | null;
  readonly restart: string | null;
  readonly confirmed: string | null;
  /** `reserved`, `extended`, `unreserved` or `lost`. */
  readonly wal: string | null;
}

export interface PublicationState {
  readonly allTables: boolean;
  /** What it leaves out, or null: `delete, truncate`. */
  readonly withheld: string | null;
  readonly viaRoot: boolean;
}

export interface ServerState {
  readonly version: number;
  readonly walLevel: string;
  readonly standby: boolean;
  readonly system: string;
  /** Up to where the log is on disk; null on a standby. */
  readonly end: string | null;
  readonly user: string;
  readonly database: string;
  readonly mayReplicate: boolean;
}

export async function serverState(client: Client): Promise<ServerState> {
  const { rows } = await client.query<ServerState>(`
    SELECT current_setting('server_version_num')::int AS version, current_setting('wal_level') AS "walLevel",
      pg_is_in_recovery() AS standby, (SELECT system_identifier::text FROM pg_control_system()) AS system,
      CASE WHEN pg_is_in_recovery() THEN NULL ELSE pg_current_wal_flush_lsn()::text END AS end,
      current_user AS user, current_database() AS database,
      (SELECT rolreplication OR rolsuper FROM pg_roles WHERE rolname = current_user)
        OR EXISTS (SELECT FROM pg_roles WHERE rolname = 'rds_replication' AND pg_has_role(oid, 'MEMBER')) AS "mayReplicate"`);
  return only(rows, 'the server');
}

export async function slotState(client: Client, slot: string): Promise<SlotState | undefined> {
  const { rows } = await client.query<SlotState>(
    `SELECT plugin, slot_type AS type, database, active_pid AS "activePid", restart_lsn::text AS restart,
       confirmed_flush_lsn::text AS confirmed, wal_status AS wal
     FROM pg_replication_slots WHERE slot_name = $1`,
    [slot],
  );
  return rows[0];
}

export async function publicationState(client: Client, name: string): Promise<PublicationState | undefined> {
  const { rows } = await client.query<PublicationState>(
    `SELECT puballtables AS "allTables", pubviaroot AS "viaRoot",
       nullif(concat_ws(', ', CASE WHEN NOT pubinsert THEN 'insert' END, CASE WHEN NOT pubupdate THEN 'update' END,
         CASE WHEN NOT pubdelete THEN 'delete' END, CASE WHEN NOT pubtruncate THEN 'truncate' END), '') AS withheld
     FROM pg_publication WHERE pubname = $1`,
    [name],
  );
  return rows[0];
}

/** A table's place in a publication; undefined where it has none. */
export async function membership(
  client: Client,
  publication: string,
  oid: number,
): Promise<{ readonly member: number; readonly filtered: boolean } | undefined> {
  // Filters and lists of columns came with PostgreSQL 15: asked by name, they may be missing.
  const { rows } = await client.query<{ member: string; filtered: boolean }>(
    `SELECT r.oid::text AS member,
       coalesce(to_jsonb(r) -> 'prqual', 'null') <> 'null' OR coalesce(to_jsonb(r) -> 'prattrs', 'null') <> 'null' AS filtered
     FROM pg_publication_rel r JOIN pg_publication p ON p.oid = r.prpubid WHERE p.pubname = $1 AND r.prrelid = $2`,
    [publication, oid],
  );
  const [row] = rows;
  return row && { member: Number(row.member), filtered: row.filtered };
}

/** What a position remembers of a table. */
export async function tableIdentity(
  client: Client,
  oid: number,
): Promise<{
  readonly file: number;
  readonly columns: Readonly<Record<string, string>>;
  readonly filled: readonly number[];
}> {
  const { rows } = await client.query<{
    file: string;
    columns: Record<string, string>;
    filled: number[];
  }>(
    `SELECT coalesce(pg_relation_filenode($1::oid), 0)::text AS file, jsonb_object_agg(attnum, attname) AS columns,
       coalesce(jsonb_agg(attnum ORDER BY attnum) FILTER (WHERE atthasmissing OR atthasdef OR attnotnull OR attidentity <> ''), '[]') AS filled
     FROM pg_attribute WHERE attrelid = $1 AND attnum > 0 AND NOT attisdropped AND attgenerated = ''`,
    [oid],
  );
  const { file, columns, filled } = only(rows, 'the table');
  return { file: Number(file), columns, filled };
}

function only<T>(rows: readonly T[], what: string): T {
  const [row] = rows;
  if (row === undefined) throw new Error(`PostgreSQL gave no row on ${what}`);
  return row;
}
