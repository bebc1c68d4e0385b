import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance, type DuckDBConnection, type Json } from '@duckdb/node-api';
import type { Client } from 'pg';
import type { ResolvedTable } from '../../../../core/pipeline.ts';
import { testDatabase } from '../../../../test/setup/database.ts';
import { findRelation, readColumns } from '../catalog.ts';
import { SESSION_SETTINGS } from '../session.ts';
import { qualifiedName } from '../../qualified-name.ts';
import { changeColumns, nullableColumns } from './columns.ts';
import { lsnOf, lsnText } from './lsn.ts';
import { readWindow, type WindowFiles } from './window.ts';

export interface StreamHarness {
  readonly sql: (statement: string, values?: unknown[]) => Promise<Record<string, unknown>[]>;
  readonly session: () => Promise<Client>;
  /** Publishes tables and makes the slot: changes from here on are read. */
  readonly follow: (...tables: string[]) => Promise<void>;
  /** Reads a table's changes from the slot's beginning, or from a place in the log. */
  readonly window: (
    table: ResolvedTable,
    options?: { from?: string; chunkBytes?: number },
  ) => Promise<WindowFiles & { folder: string }>;
  /** Rows that DuckDB gives, from the files of a window as `changes`. */
  readonly query: (window: { folder: string }, sql: string) => Promise<Record<string, Json>[]>;
  readonly end: () => Promise<string>;
  readonly close: () => Promise<void>;
}

/** A database with a slot of its own, and what reads it, without the steps around. */
export async function openStream(): Promise<StreamHarness> {
  const database = await testDatabase('stream');
  const slot = database.address.database;
  const root = await mkdtemp(join(tmpdir(), 'sluice-stream-'));
  const instance = await DuckDBInstance.create(':memory:', {
    threads: '1',
    preserve_insertion_order: 'false',
  });
  const duckdb: DuckDBConnection = await instance.connect();
  const sql: StreamHarness['sql'] = async (statement, values) =>
    (await database.client.query<Record<string, unknown>>(statement, values)).rows;
  const end = async () => {
    const [row] = await sql('SELECT pg_current_wal_flush_lsn()::text AS end');
    return lsnText(lsnOf(String(row?.['end'])));
  };
  let windows = 0;
  return {
    sql,
    session: () => database.session(),
    end,
    follow: async (...tables) => {
      await sql(
        `CREATE PUBLICATION ${slot} FOR TABLE ${tables.join(', ')} WITH (publish_via_partition_root = true)`,
      );
      await sql(`SELECT pg_create_logical_replication_slot('${slot}', 'pgoutput')`);
    },
    window: async (table, { from = '00000000/00000000', chunkBytes } = {}) => {
      const [reader, client] = [await database.session(), await database.session()];
      await reader.query(SESSION_SETTINGS);
      const relation = await findRelation(client, qualifiedName(table.from, 'public'));
      const columns = await changeColumns(client, relation, table, await readColumns(client, relation));
      const folder = join(root, `window-${windows++}`);
      await mkdir(folder);
      const read = await readWindow({
        reader,
        client,
        duckdb,
        stream: slot,
        relation,
        table,
        columns: nullableColumns(columns),
        from,
        upTo: await end(),
        directory: folder,
        parquetVersion: 'V2',
        ...(chunkBytes !== undefined && { chunkBytes }),
        onFile: () => undefined,
      });
      await reader.end();
      await client.end();
      return { ...read, folder };
    },
    query: async ({ folder }, statement) => {
      const source = `read_parquet('${join(folder, 'part-*.parquet')}')`;
      const reader = await duckdb.runAndReadAll(`WITH changes AS (FROM ${source}) ${statement}`);
      return reader.getRowObjectsJson();
    },
    close: async () => {
      instance.closeSync();
      await database.client.query(
        `SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = '${slot}'`,
      );
      await database.close();
      await rm(root, { recursive: true, force: true });
    },
  };
}
