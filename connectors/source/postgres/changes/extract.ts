import type { DuckDBInstance } from '@duckdb/node-api';
import { readdirSync, statSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { join } from 'node:path';
import type { Client } from 'pg';
import { thenCleanUp } from '../../../../core/clean-up.ts';
import { toInstant } from '../../../../core/interval.ts';
import { Unreachable } from '../../../../core/errors.ts';
import { mayBelong, type MarkName } from '../../../../core/mark.ts';
import type { Extracted, ExtractRequest } from '../../port.ts';
import type { Cancellation } from '../cancel.ts';
import { readColumns, type Relation } from '../catalog.ts';
import { extractTable } from '../extract.ts';
import type { ParquetVersion } from '../../../duckdb/parquet-options.ts';
import type { PostgresAddress } from '../../../postgres/address.ts';
import { connect, lockStatement, SESSION_SETTINGS } from '../session.ts';
import { changeColumns, nullableColumns, snapshotColumns } from './columns.ts';
import { takePlacedSnapshot } from './initial.ts';
import { acquire, release } from './lock.ts';
import { lsnOf, lsnText, type Lsn } from './lsn.ts';
import { positionText, reasonToReadAnew, type Position } from './position.ts';
import { identityNow, prepare, type Prepared } from './prepare.ts';
import type { Subject } from './subject.ts';
import { readWindow } from './window.ts';

export interface ChangesExtraction {
  /** A session outside of a transaction. */
  readonly client: Client;
  readonly subject: Subject;
  readonly relation: Relation;
  readonly request: ExtractRequest;
  readonly cancellation: Cancellation;
  readonly address: PostgresAddress;
  readonly streams: number;
  readonly engine: Promise<DuckDBInstance>;
  readonly parquetVersion: ParquetVersion;
}

/** Marks of changes are texts that sort as places in the log do. */
const POSITION: MarkName = { type: 'position' };

/**
 * Extracts what is new of a table by its stream of changes: from where the table stands up to the log's end as it is now; or the whole
 * table, as of a place in the log, where it stands nowhere. Takes nothing away: until the slot is advanced, the same comes again.
 */
export async function extractChanges(extraction: ChangesExtraction): Promise<Extracted> {
  const { client, subject, relation, request, cancellation, address } = extraction;
  const opened: Client[] = [];
  const tell = (waitingFor: string) => request.onProgress?.({ bytes: 0, waitingFor });
  const session = async () => {
    const other = await connect(address);
    opened.push(other);
    cancellation.watchClient(other);
    return other;
  };
  const { table } = request;
  try {
    await acquire(client, subject.stream, tell);
    const prepared = await prepare(client, subject, relation, {
      key: table.primaryKey,
      mark: request.mark && mayBelong(request.mark, POSITION) ? request.mark.value : undefined,
      anew: table.write === 'merge',
      session,
      tell,
    });
    const { position } = prepared;
    if (!position) return await readWhole(extraction, prepared, session, tell);
    const now = await placeNow(extraction, prepared);
    const reason = table.write === 'merge' ? reasonToReadAnew(position.identity, now.identity) : undefined;
    if (reason === undefined) return await readChanges(extraction, position, now, session);
    const whole = await readWhole(extraction, prepared, session, tell);
    return { ...whole, notes: [...(whole.notes ?? []), `was read anew, for ${reason}`] };
  } finally {
    await Promise.all(opened.map((each) => each.end().catch(() => undefined)));
  }
}

interface PlaceNow extends Position {
  /** ISO 8601, microseconds, UTC. */
  readonly at: string;
  readonly columns: Awaited<ReturnType<typeof changeColumns>>;
}

/** How long for the log to reach the disk, where commits do not wait for that. Milliseconds. */
const FLUSH_PATIENCE = 1000;

/** The log's end and the table's definition, of one moment: nobody changes the table's definition in between. */
async function placeNow(
  { client, subject, relation, request }: ChangesExtraction,
  prepared: Prepared,
): Promise<PlaceNow> {
  const lock = lockStatement(relation);
  await client.query(`BEGIN READ ONLY; SET LOCAL lock_timeout = '60s'${lock ? `; ${lock}` : ''}`);
  const identity = await identityNow(client, subject, relation, prepared);
  const columns = await changeColumns(client, relation, request.table, await readColumns(client, relation));
  const { rows } = await client.query<{ end: string; at: string }>(
    `SELECT pg_current_wal_insert_lsn()::text AS end, to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS at`,
  );
  await client.query('COMMIT');
  const end = lsnOf(rows[0]?.end ?? '');
  let flushed = await flushedUpTo(client);
  for (const started = performance.now(); flushed < end && performance.now() - started < FLUSH_PATIENCE;) {
    await wait(20);
    flushed = await flushedUpTo(client);
  }
  return { lsn: lsnText(flushed < end ? flushed : end), at: rows[0]?.at ?? '', identity, columns };
}

async function flushedUpTo(client: Client): Promise<bigint> {
  const { rows } = await client.query<{ lsn: string }>('SELECT pg_current_wal_flush_lsn()::text AS lsn');
  return lsnOf(rows[0]?.lsn ?? '');
}

async function readChanges(
  { subject, relation, request, client, engine, parquetVersion, cancellation }: ChangesExtraction,
  position: Position,
  now: PlaceNow,
  session: () => Promise<Client>,
): Promise<Extracted> {
  const { table, directory, onProgress, mark } = request;
  const upTo: Lsn = now.lsn > position.lsn ? now.lsn : position.lsn;
  const reader = await session();
  await reader.query(SESSION_SETTINGS);
  const duckdb = await (await engine).connect();
  cancellation.watchDuckDb(duckdb);
  try {
    const { columns, files } = await readWindow({
      reader,
      client,
      duckdb,
      stream: subject.stream,
      relation,
      table,
      columns: nullableColumns(now.columns),
      from: position.lsn,
      upTo,
      directory,
      parquetVersion,
      onFile: () => onProgress?.({ bytes: bytesIn(directory) }),
    }).catch((error: unknown) => {
      throw inUse(error, subject);
    });
    return {
      schema: { columns },
      files,
      rows: files.reduce((sum, file) => sum + file.rows, 0),
      highWaterMark: positionText({ lsn: upTo, identity: now.identity }),
      ...(table.timezone !== undefined && { timezone: table.timezone }),
      cursor: POSITION,
      since: mark?.value ?? null,
      reach: { upTo: toInstant(new Date(now.at)) },
      coercions: [],
      extractedAt: now.at,
    };
  } finally {
    duckdb.disconnectSync();
  }
}

async function readWhole(
  extraction: ChangesExtraction,
  prepared: Prepared,
  session: () => Promise<Client>,
  tell: (waitingFor: string) => void,
): Promise<Extracted> {
  const { client, subject, relation, request, address } = extraction;
  const { table } = request;
  const snapshot = await takePlacedSnapshot(client, address, relation, session, tell);
  return thenCleanUp(
    async () => {
      const { lsn, at } = snapshot;
      await release(client, subject.stream); // The slot is not read, and others may wait for it.
      const identity = await identityNow(client, subject, relation, prepared);
      await changeColumns(client, relation, table, await readColumns(client, relation));
      const whole = await extractTable({
        ...extraction,
        horizon: undefined,
        snapshot,
        added: snapshotColumns(lsn, at),
        request: { ...request, table: { ...table, extract: { mode: 'snapshot' } } },
      });
      return { ...whole, highWaterMark: positionText({ lsn, identity }), cursor: POSITION, since: null };
    },
    () => snapshot.close(),
  );
}

function inUse(error: unknown, { stream, connection }: Subject): unknown {
  if (!(error instanceof Error && 'code' in error && error.code === '55006')) return error;
  return new Unreachable(
    `The replication slot ${stream} of source '${connection}' is read by somebody else: ${error.message}. ` +
      `See who it is in pg_stat_replication and pg_stat_activity, and end it: SELECT pg_terminate_backend(<pid>); it is tried again.`,
  );
}

function bytesIn(directory: string): number {
  return readdirSync(directory).reduce((sum, name) => sum + statSync(join(directory, name)).size, 0);
}
